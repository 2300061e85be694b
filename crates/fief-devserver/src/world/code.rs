//! What the token endpoint takes: codes and refresh tokens. Each works once.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::session::Challenge;

/// An authorization code (RFC 6749, section 4.1.2).
#[derive(Clone)]
pub(crate) struct AuthorizationCode {
    pub(crate) client: Uuid,
    pub(crate) user: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) scope: Vec<String>,
    pub(crate) authenticated_at: i64,
    pub(crate) acr: &'static str,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
}

impl AuthorizationCode {
    /// RFC 7636, section 4.6. A verifier that nobody asked for is refused, as the real server does.
    pub(crate) fn takes_verifier(&self, verifier: Option<&str>) -> bool {
        match (&self.challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) if challenge.is_sha256 => {
                URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge.value
            }
            (Some(challenge), Some(verifier)) => verifier == challenge.value,
            _ => false,
        }
    }
}

/// A refresh token (RFC 6749, section 1.5).
#[derive(Clone)]
pub(crate) struct RefreshToken {
    pub(crate) client: Uuid,
    pub(crate) user: Uuid,
    pub(crate) scope: Vec<String>,
    pub(crate) authenticated_at: i64,
}
