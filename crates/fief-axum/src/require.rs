//! What a route asks of the token, before anything behind it runs.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::{IntoResponse as _, Response},
};
use fief_hyper::{Acr, Requirements};
use http::{Request, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use crate::{AccessToken, BoxError, FiefAuth, Rejection};

/// What a route, a router or any other tower service asks of the access token: a layer.
///
/// Without any requirement it asks for a good token. What the token says is left in the request's
/// extensions as [`AccessToken`]; extractors behind take it from there.
///
/// ```
/// use axum::{Router, routing::get};
/// use fief_axum::{Acr, FiefAuth};
///
/// fn routes(auth: &FiefAuth) -> Router {
///     let read = auth.require().scope("openid").permissions(["castles:read"]);
///     let danger = auth.require().acr(Acr::LevelOne);
///     Router::new()
///         .route("/castles/sell", get(async || "Sold.").layer(danger))
///         .route("/castles", get(async || "Fougères"))
///         .layer(read) // for both
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "requirements do nothing until they are layered over a service"]
pub struct Require {
    auth: FiefAuth,
    scope: Vec<String>,
    acr: Option<Acr>,
    permissions: Vec<String>,
    optional: bool,
}

impl Require {
    pub(crate) fn new(auth: FiefAuth) -> Self {
        Self { auth, scope: Vec::new(), acr: None, permissions: Vec::new(), optional: false }
    }

    /// This scope must have been granted, too; several may stand in one text, with spaces between.
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope.extend(scope.split_whitespace().map(str::to_owned));
        self
    }

    /// The user must have authenticated at this level at least.
    pub fn acr(mut self, level: Acr) -> Self {
        self.acr = Some(level);
        self
    }

    /// The user must have each of these permissions, too.
    pub fn permissions(mut self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.permissions.extend(permissions.into_iter().map(Into::into));
        self
    }

    /// Lets requests without a good token through as nobody's: the handler asks for
    /// `Option<AccessToken>`. A good token that lacks something is refused all the same.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    fn requirements(&self) -> Requirements {
        let requirements = Requirements::none().scope(&self.scope).permissions(&self.permissions);
        match self.acr {
            Some(level) => requirements.acr(level),
            None => requirements,
        }
    }
}

impl<S> Layer<S> for Require {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        let requirements = Arc::new(self.requirements());
        Guard { auth: self.auth.clone(), requirements, optional: self.optional, inner }
    }
}

/// A service behind [`Require`].
#[derive(Clone, Debug)]
pub struct Guard<S> {
    auth: FiefAuth,
    requirements: Arc<Requirements>,
    optional: bool,
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Guard<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    ReqBody: Send + 'static,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The one that was polled ready is the one to call.
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        let (auth, requirements) = (self.auth.clone(), Arc::clone(&self.requirements));
        let optional = self.optional;
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if let Err(rejection) = pass(&auth, &mut parts, &requirements, optional).await {
                return Ok(rejection.into_response());
            }
            let response = inner.call(Request::from_parts(parts, body)).await?;
            Ok(response.map(Body::new))
        })
    }
}

async fn pass(
    auth: &FiefAuth,
    parts: &mut Parts,
    requirements: &Requirements,
    optional: bool,
) -> Result<(), Rejection> {
    match auth.authenticate(parts, requirements).await {
        Ok(info) => {
            parts.extensions.insert(AccessToken(info));
            Ok(())
        }
        Err(error) if optional && error.is_anonymous() => Ok(()),
        Err(error) => Err(auth.reject(error, parts)),
    }
}
