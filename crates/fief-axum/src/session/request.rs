//! The session of a request: read from the store once, when it is first needed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use axum::extract::{FromRef, FromRequestParts};
use fief_hyper::{
    AccessTokenError, AccessTokenInfo, Acr, Error, Requirements, TokenFault, UserInfo,
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
    found: Mutex<Slot>,
}

#[derive(Default)]
enum Slot {
    #[default]
    Unread,
    Read(Option<Arc<Found>>),
}

impl Slot {
    fn found(&self) -> Option<&Arc<Found>> {
        match self {
            Self::Unread => None,
            Self::Read(found) => found.as_ref(),
        }
    }
}

impl RequestSession {
    fn of(parts: &mut Parts) -> Self {
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

    /// The level that the login of this session had requested, if it was not refreshed since.
    pub async fn asked(&self) -> Option<Acr> {
        self.0.found.lock().await.found()?.content.asked
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
        let mut slot = session.0.found.lock().await;
        if let Slot::Unread = *slot {
            *slot = Slot::Read(self.find(&secret).await?.map(Arc::new));
        }
        let Some(mut found) = slot.found().cloned() else {
            return Ok(None);
        };
        let mut outcome = self.access(&found.content, requirements).await;
        if outcome.as_ref().is_err_and(is_due) {
            let refreshed = match found.content.refresh_token {
                Some(_) => self.refresh(&secret, &found).await?,
                None => None,
            };
            *slot = Slot::Read(refreshed.clone());
            match refreshed {
                Some(refreshed) => found = refreshed,
                None => return Ok(None),
            }
            outcome = self.access(&found.content, requirements).await;
        }
        drop(slot);
        if outcome.is_ok() {
            self.touch(&secret, &found).await;
        }
        outcome.map(Some)
    }

    /// The claims of the user whose session was read for this request.
    pub async fn user(parts: &Parts) -> Option<UserInfo> {
        let session = parts.extensions.get::<RequestSession>()?;
        let found = session.0.found.lock().await;
        let user = &found.found()?.content.user;
        // The ID tokens of older servers lack the user fields.
        user.fields.is_some().then(|| user.clone())
    }

    /// Whether Fief refused a request because the session is over: the user was deleted, for
    /// example. A refresh shows it.
    pub async fn is_over(self: &Arc<Self>, parts: &Parts, error: &AuthError) -> bool {
        let AuthError::Fief(Error::Refused(refusal)) = error else {
            return false;
        };
        let (Some(session), Some(secret)) =
            (parts.extensions.get::<RequestSession>(), self.secret(&parts.headers))
        else {
            return false;
        };
        let mut slot = session.0.found.lock().await;
        let Some(found) = slot.found().cloned() else {
            return false;
        };
        let is_over = match found.content.refresh_token {
            Some(_) if matches!(refusal.status(), 401 | 500) => {
                matches!(self.refresh(&secret, &found).await, Ok(None))
            }
            None if refusal.status() == 401 => self.end(&secret).await.is_ok(),
            _ => false,
        };
        if is_over {
            *slot = Slot::Read(None);
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
        let mut slot = self.request.0.found.lock().await;
        let found = slot.found().cloned().ok_or(AuthError::NoToken)?;
        if found.content.refresh_token.is_none() {
            return Err(AuthError::NoToken);
        }
        let refreshed = self.sessions.refresh(&self.secret, &found).await?;
        *slot = Slot::Read(refreshed.clone());
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

impl<S> FromRequestParts<S> for Session
where
    FiefAuth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = FiefAuth::from_ref(state);
        let sessions = auth
            .sessions()
            .ok_or(AuthError::Setup("a handler requires a session, and this FiefAuth has none"))?;
        sessions.authenticate(parts, &Requirements::none()).await?.ok_or(AuthError::NoToken)?;
        let secret = sessions.secret(&parts.headers).ok_or(AuthError::NoToken)?;
        Ok(Self { sessions: Arc::clone(sessions), secret, request: RequestSession::of(parts) })
    }
}
