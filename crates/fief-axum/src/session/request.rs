//! The session of a request: read from the store once, when it is first needed.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use axum::extract::{FromRef, FromRequestParts};
use fief_hyper::{
    AccessTokenError, AccessTokenInfo, Acr, Endpoint, Error, Requirements, TokenFault, UserInfo,
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use tokio::sync::Mutex;
use tracing::warn;

use super::{Found, Sessions};
use crate::{AuthError, FiefAuth, Rejection, seal::CookieSecret};

/// The session that a request, its handlers and its answer share. It is in the extensions of the
/// request.
#[derive(Clone, Default)]
pub(crate) struct RequestSession(Arc<Inner>);

#[derive(Default)]
struct Inner {
    was_read: AtomicBool,
    /// Whether Fief was asked during this request if the session goes on there.
    was_doubted: AtomicBool,
    /// By the name of its cookie: several sites may serve one request.
    found: Mutex<HashMap<String, Option<Arc<Found>>>>,
}

impl RequestSession {
    pub fn of(parts: &mut Parts) -> Self {
        static WAS_TOLD: AtomicBool = AtomicBool::new(false);
        if let Some(session) = parts.extensions.get::<Self>() {
            return session.clone();
        }
        if !WAS_TOLD.swap(true, Relaxed) {
            warn!(
                "a route outside of `WebLogin::mount` reads the session: its answers lack what \
                 keeps them out of shared caches, and the pages for people"
            );
        }
        let session = Self::default();
        parts.extensions.insert(session.clone());
        session
    }

    /// The level that the login of a site's session had asked for, if nothing has changed since.
    pub async fn asked(&self, sessions: &Sessions) -> Option<Acr> {
        let found = self.0.found.lock().await;
        found.get(&sessions.cookie_name)?.as_ref()?.content.asked
    }

    /// Keeps an answer that depends on the session out of shared caches.
    pub fn dress(&self, headers: &mut HeaderMap) {
        if self.0.was_read.load(Relaxed) {
            headers.append(header::VARY, HeaderValue::from_static("Cookie"));
            let private = HeaderValue::from_static("private, no-store");
            headers.entry(header::CACHE_CONTROL).or_insert(private);
        }
    }
}

impl Sessions {
    /// What the session of a request says, refreshed if it is due; none without a session.
    pub async fn authenticate(
        self: &Arc<Self>,
        parts: &mut Parts,
        requirements: &Requirements,
    ) -> Result<Option<AccessTokenInfo>, AuthError> {
        let session = RequestSession::of(parts);
        session.0.was_read.store(true, Relaxed);
        let Some(secret) = self.secret(&parts.headers) else {
            return Ok(None);
        };
        if !self.origins.allow(parts) {
            return Err(AuthError::CrossSite);
        }
        let mut slots = session.0.found.lock().await;
        if !slots.contains_key(&self.cookie_name) {
            let found = self.find(&secret).await?.map(Arc::new);
            slots.insert(self.cookie_name.clone(), found);
        }
        let Some(mut found) = slots.get(&self.cookie_name).cloned().flatten() else {
            return Ok(None);
        };
        let mut outcome = self.access(&found.content, requirements).await;
        if outcome.as_ref().is_err_and(is_due) {
            let refreshed = match found.content.refresh_token {
                Some(_) => self.refresh(&secret, &found).await?,
                None => None,
            };
            slots.insert(self.cookie_name.clone(), refreshed.clone());
            match refreshed {
                Some(refreshed) => found = refreshed,
                None => return Ok(None),
            }
            outcome = self.access(&found.content, requirements).await;
        }
        drop(slots);
        if outcome.is_ok() {
            self.touch(&secret, &found).await;
        }
        outcome.map(Some)
    }

    /// The claims of the user of this token, if it is that of a session that was read for this
    /// request.
    pub async fn user(parts: &Parts, token: &AccessTokenInfo) -> Option<UserInfo> {
        let session = parts.extensions.get::<RequestSession>()?;
        let slots = session.0.found.lock().await;
        let mut found = slots.values().flatten();
        let user = &found.find(|it| it.content.access_token == token.access_token)?.content.user;
        // The ID tokens of older servers have a part only.
        user.fields.is_some().then(|| user.clone())
    }

    /// Whether a request to Fief was refused because the session is over there: the user is gone
    /// for example. Fief's refresh tells; or the refusal itself, if it was for the session's own
    /// token and nothing refreshes it.
    pub async fn is_over(
        self: &Arc<Self>,
        session: &RequestSession,
        secret: Option<&CookieSecret>,
        error: &AuthError,
        token: Option<&AccessTokenInfo>,
    ) -> bool {
        let (AuthError::Fief(Error::Refused(refusal)), Some(secret)) = (error, secret) else {
            return false;
        };
        if matches!(refusal.endpoint(), Endpoint::Discovery | Endpoint::Keys | Endpoint::Token) {
            return false; // It was not for the sake of a user.
        }
        let mut slots = session.0.found.lock().await;
        let Some(found) = slots.get(&self.cookie_name).cloned().flatten() else {
            return false;
        };
        let is_refused = refusal.status() == 401;
        let content = &found.content;
        let is_own = token.is_some_and(|token| token.access_token == content.access_token);
        let is_over = match content.refresh_token {
            Some(_) if is_refused || refusal.status() == 500 => {
                // Once a request: it spends a refresh token.
                !session.0.was_doubted.swap(true, Relaxed)
                    && matches!(self.refresh(secret, &found).await, Ok(None))
            }
            None if is_refused && is_own => self.end(secret).await.is_ok(),
            _ => false,
        };
        if is_over {
            slots.insert(self.cookie_name.clone(), None);
        }
        is_over
    }
}

/// Whether a refresh may help.
pub(crate) fn is_due(error: &AuthError) -> bool {
    use AccessTokenError::{Expired, Invalid};
    matches!(
        error,
        AuthError::Fief(Error::AccessToken(Expired { .. } | Invalid(TokenFault::UnknownKey)))
    )
}

/// The session of the request: an extractor, for handlers that change it.
///
/// ```
/// use axum::extract::State;
/// use fief_axum::{AccessToken, FiefAuth, Rejection, Session};
///
/// async fn rename(
///     State(auth): State<FiefAuth>,
///     AccessToken(token): AccessToken,
///     session: Session,
/// ) -> Result<&'static str, Rejection> {
///     let data = serde_json::json!({ "fields": { "name": "Anne" } });
///     let user = auth.fief().update_profile(&token.access_token, &data).await?;
///     session.update_user(&user).await?; // the next page shows it
///     Ok("Renamed.")
/// }
/// # let app: axum::Router<FiefAuth> =
/// #     axum::Router::new().route("/", axum::routing::post(rename));
/// ```
#[derive(Clone)]
pub struct Session {
    sessions: Arc<Sessions>,
    secret: CookieSecret,
    request: RequestSession,
}

impl Session {
    /// Writes newer claims of the user into the session, those that `update_profile` or
    /// `email_verify` has returned for example.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoToken`] if the session has ended, [`AuthError::Store`] if it can't be
    /// written, [`AuthError::Setup`] if the claims are of another user.
    pub async fn update_user(&self, user: &UserInfo) -> Result<(), AuthError> {
        self.sessions.update_user(&self.secret, user).await
    }

    /// Gets new tokens and claims from Fief: because the user's permissions have changed, for
    /// example.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoToken`] if the session has ended or has no refresh token, [`AuthError::Fief`]
    /// if Fief does not refresh it, [`AuthError::Store`] if it can't be written.
    pub async fn refresh(&self) -> Result<AccessTokenInfo, AuthError> {
        let mut slots = self.request.0.found.lock().await;
        let name = &self.sessions.cookie_name;
        let found = slots.get(name).cloned().flatten().ok_or(AuthError::NoToken)?;
        if found.content.refresh_token.is_none() {
            return Err(AuthError::NoToken);
        }
        let refreshed = self.sessions.refresh(&self.secret, &found).await?;
        slots.insert(name.clone(), refreshed.clone());
        let found = refreshed.ok_or(AuthError::NoToken)?;
        self.sessions.access(&found.content, &Requirements::none()).await
    }

    /// Ends the session in all processes and for all copies of the cookie. At Fief the user stays
    /// signed in.
    ///
    /// # Errors
    ///
    /// [`AuthError::Store`] if the store can't be reached: the session goes on.
    pub async fn end(self) -> Result<(), AuthError> {
        self.sessions.end(&self.secret).await
    }
}

impl Session {
    async fn of(auth: &FiefAuth, parts: &mut Parts) -> Result<Self, AuthError> {
        let sessions = auth.sessions().ok_or(AuthError::Setup("there are no sessions"))?;
        sessions.authenticate(parts, &Requirements::none()).await?.ok_or(AuthError::NoToken)?;
        let secret = sessions.secret(&parts.headers).ok_or(AuthError::NoToken)?;
        Ok(Self { sessions: Arc::clone(sessions), secret, request: RequestSession::of(parts) })
    }
}

impl<S> FromRequestParts<S> for Session
where
    FiefAuth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = FiefAuth::from_ref(state);
        Self::of(&auth, parts).await.map_err(|error| auth.reject(error, parts))
    }
}
