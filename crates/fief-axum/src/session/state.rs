//! A session, and what a request learns of it.

use std::sync::Arc;

use fief_hyper::{Secret, Tokens, UnixTime, UserInfo};
use http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::AuthError;

/// The tokens of a user who has signed in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Session {
    pub access_token: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixTime>,
    /// Whose session it is: subject, issuer and audience, which a refresh must not change.
    pub user: UserInfo,
}

impl Session {
    pub fn new(tokens: Tokens, user: &UserInfo) -> Self {
        let mut whose = user.clone();
        whose.email = None;
        whose.email_verified = None;
        whose.is_active = None;
        whose.tenant_id = None;
        whose.fields = None;
        whose.rest.retain(|name, _| matches!(name.as_str(), "aud" | "iss"));
        Self {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_at: tokens.expires_at,
            user: whose,
        }
    }

    pub fn has_expired(&self, now: UnixTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// What the session layer leaves in the extensions of a request.
#[derive(Clone)]
pub(crate) enum SessionState {
    None,
    SignedIn(Arc<Session>),
    /// There is one, but it can't be told whether it is still good.
    Unknown(AuthError),
}

impl SessionState {
    pub fn token(parts: &Parts) -> Result<Option<Secret>, AuthError> {
        match parts.extensions.get::<Self>() {
            Some(Self::None) => Ok(None),
            Some(Self::SignedIn(session)) => Ok(Some(session.access_token.clone())),
            Some(Self::Unknown(error)) => Err(error.clone()),
            None => Err(AuthError::Setup(
                "TokenSource::session needs the routes and the layer of WebLogin::mount",
            )),
        }
    }
}
