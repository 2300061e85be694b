//! What a service requires of a request's token, before any of its code runs.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use fief_hyper::{AccessTokenInfo, Fief, Requirements};
use http::{Request, Response, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use crate::{AuthError, Json, Reject, bearer};

/// Authenticates requests: says which user a request is from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't authenticate requests",
    note = "`BearerAuth` and `fief_axum::FiefAuth` can"
)]
pub trait Authenticate: Clone + Send + Sync + 'static {
    /// What the request's token says, if it allows what is required.
    fn authenticate(
        &self,
        parts: &mut Parts,
        requirements: &Requirements,
    ) -> impl Future<Output = Result<AccessTokenInfo, AuthError>> + Send;
}

/// Authentication by the bearer token in the header `Authorization`. Cheap to clone.
///
/// ```
/// use fief_tower::{BearerAuth, Config, Fief, Grpc, Requirements};
///
/// # fn main() -> Result<(), fief_tower::Error> {
/// let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let auth = BearerAuth::new(fief);
/// let read = auth.require(Requirements::none().permission("castles:read")); // a layer
/// let for_grpc = auth.answer(Grpc);
/// # let _ = (read, for_grpc);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BearerAuth<A = Json> {
    fief: Fief,
    answer: A,
}

impl BearerAuth {
    /// With JSON answers, for response bodies that can be made from a string.
    pub fn new(fief: Fief) -> Self {
        Self { fief, answer: Json }
    }
}

impl<A> BearerAuth<A> {
    /// With other answers: [`Grpc`](crate::Grpc), or a function of your own.
    pub fn answer<B>(self, answer: B) -> BearerAuth<B> {
        BearerAuth { fief: self.fief, answer }
    }

    /// A layer that requires this of each request to a service.
    pub fn require(&self, requirements: Requirements) -> Require<Self>
    where
        A: Clone,
    {
        Require::new(self.clone(), requirements)
    }

    /// What the token among these headers says, if it allows what is required: for a framework that
    /// has no tower, or a guard of your own.
    ///
    /// # Errors
    ///
    /// If there is no token, the token is refused, or the keys of Fief can't be fetched.
    pub async fn authenticate(
        &self,
        headers: &http::HeaderMap,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, AuthError> {
        let token = bearer(headers)?.ok_or(AuthError::NoToken)?;
        Ok(self.fief.validate_access_token(&token, requirements).await?)
    }
}

impl<A: Clone + Send + Sync + 'static> Authenticate for BearerAuth<A> {
    async fn authenticate(
        &self,
        parts: &mut Parts,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, AuthError> {
        BearerAuth::authenticate(self, &parts.headers, requirements).await
    }
}

impl<B, A: Reject<B>> Reject<B> for BearerAuth<A> {
    fn reject(&self, error: &AuthError, parts: &Parts) -> Response<B> {
        self.answer.reject(error, parts)
    }
}

/// A layer that requires an access token of each request to a service.
///
/// What the token says is put into the request's extensions as [`AccessTokenInfo`].
#[derive(Clone, Debug)]
#[must_use = "requirements do nothing until they are layered over a service"]
pub struct Require<A> {
    auth: A,
    requirements: Arc<Requirements>,
    optional: bool,
}

impl<A> Require<A> {
    /// Requires this of the tokens that `auth` authenticates; `auth` also makes the answers.
    pub fn new(auth: A, requirements: Requirements) -> Self {
        Self { auth, requirements: Arc::new(requirements), optional: false }
    }

    /// Lets requests without a valid token through, without an [`AccessTokenInfo`]. A valid token
    /// that does not meet the requirements is still refused.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

impl<A: Clone, S> Layer<S> for Require<A> {
    type Service = Guard<A, S>;

    fn layer(&self, inner: S) -> Guard<A, S> {
        Guard { require: self.clone(), inner }
    }
}

/// A service behind [`Require`].
#[derive(Clone, Debug)]
pub struct Guard<A, S> {
    require: Require<A>,
    inner: S,
}

impl<A, S, ReqBody, ResBody> Service<Request<ReqBody>> for Guard<A, S>
where
    A: Authenticate + Reject<ResBody>,
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    ReqBody: Send + 'static,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<ResBody>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // tower requires to call the service that was polled ready: a clone of it need not be
        // ready.
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        let Require { auth, requirements, optional } = self.require.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match auth.authenticate(&mut parts, &requirements).await {
                Ok(info) => {
                    parts.extensions.insert(info);
                }
                Err(error) if optional && error.is_anonymous() => {}
                Err(error) => {
                    error.log();
                    return Ok(auth.reject(&error, &parts));
                }
            }
            inner.call(Request::from_parts(parts, body)).await
        })
    }
}
