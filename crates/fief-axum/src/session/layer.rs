//! Tells requests of their session, and renews it.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue, Request, Response, header};
use tower_layer::Layer;
use tower_service::Service;

use super::{Keeper, SessionState, refresh::Failure};
use crate::sealed_cookies::SealedCookies;

/// Reads the session of each request, refreshes it if it has expired, and sets its cookie anew.
///
/// [`WebLogin::mount`](crate::WebLogin::mount) puts it over a router.
#[derive(Clone)]
pub struct SessionLayer(Arc<Keeper>);

impl SessionLayer {
    pub(crate) fn new(keeper: Arc<Keeper>) -> Self {
        Self(keeper)
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = WithSession<S>;

    fn layer(&self, inner: S) -> WithSession<S> {
        WithSession { keeper: Arc::clone(&self.0), inner }
    }
}

/// A service whose requests know their session.
#[derive(Clone)]
pub struct WithSession<S> {
    keeper: Arc<Keeper>,
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for WithSession<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    ReqBody: Send + 'static,
    ResBody: Send + 'static,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        // The one that was polled ready is the one to call.
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        let keeper = Arc::clone(&self.keeper);
        Box::pin(async move {
            let headers = mem::take(request.headers_mut());
            let (state, cookie) = look_up(&keeper, &headers).await;
            *request.headers_mut() = headers;
            request.extensions_mut().insert(state);
            let mut response = inner.call(request).await?;
            if let Some(cookie) = cookie {
                attach(&keeper, response.headers_mut(), cookie);
            }
            Ok(response)
        })
    }
}

/// The session of a request, and the cookie to set if it has changed.
async fn look_up(keeper: &Arc<Keeper>, headers: &HeaderMap) -> (SessionState, Option<HeaderValue>) {
    let kept = match keeper.find(headers).await {
        Ok(Some(kept)) => kept,
        Ok(None) if keeper.has_cookie(headers) => {
            return (SessionState::None, Some(keeper.end(None).await));
        }
        Ok(None) => return (SessionState::None, None),
        Err(error) => return (SessionState::Unknown(error), None),
    };
    let refresh_token = match &kept.session.refresh_token {
        Some(token) if kept.session.has_expired(keeper.fief.now()) => token,
        _ => return (SessionState::SignedIn(Arc::new(kept.session)), None),
    };
    let renewed = match keeper.refresher.refresh(keeper, &kept, refresh_token).await {
        Ok(renewed) => renewed,
        Err(Failure::Over) => {
            return (SessionState::None, Some(keeper.end(kept.stored.as_ref()).await));
        }
        Err(Failure::Later(error)) => return (SessionState::Unknown(error), None),
    };
    match keeper.keep(&renewed.session, kept.stored, renewed.is_saved).await {
        Ok(cookie) => (SessionState::SignedIn(renewed.session), Some(cookie)),
        // The request at hand is good; the next one, within a minute, tries to keep it again.
        Err(error) => {
            error.log();
            (SessionState::SignedIn(renewed.session), None)
        }
    }
}

/// Sets the cookie, unless the service has set it itself: a logout must not be undone.
fn attach(keeper: &Keeper, headers: &mut HeaderMap, cookie: HeaderValue) {
    let ours = format!("{}=", keeper.cookies.name(&keeper.cookie_name));
    let mut set = headers.get_all(header::SET_COOKIE).iter();
    if !set.any(|value| value.as_bytes().starts_with(ours.as_bytes())) {
        SealedCookies::attach(headers, cookie);
        // Whatever the handler said: a cache that kept this answer would sign others in.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
