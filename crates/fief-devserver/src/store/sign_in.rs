//! Sessions, sign-ins under way, codes and refresh tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A browser in which a user has given a password.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) user: Uuid,
    /// Seconds.
    pub(crate) created_at: i64,
}

/// An authorization request that waits for the user.
#[derive(Clone)]
pub(crate) struct LoginSession {
    pub(crate) client: Uuid,
    pub(crate) tenant: Uuid,
    pub(crate) response_type: ResponseType,
    pub(crate) redirect_uri: String,
    pub(crate) scope: Vec<String>,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) acr: &'static str,
    pub(crate) challenge: Option<Challenge>,
}

/// A code challenge (RFC 7636, section 4.2).
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    pub(crate) is_sha256: bool,
}

/// What comes back from the authorization endpoint besides the code.
#[derive(Clone, Copy)]
pub(crate) struct ResponseType {
    pub(crate) id_token: bool,
    pub(crate) token: bool,
}

impl ResponseType {
    pub(crate) fn parse(given: &str) -> Option<Self> {
        let (id_token, token) = match given {
            "code" => (false, false),
            "code id_token" => (true, false),
            "code token" => (false, true),
            "code id_token token" => (true, true),
            _ => return None,
        };
        Some(Self { id_token, token })
    }

    /// Whether the answer goes into the fragment of the redirect URI.
    pub(crate) fn is_hybrid(self) -> bool {
        self.id_token || self.token
    }
}

/// An authorization code (RFC 6749, section 4.1.2). It works once.
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
    /// RFC 7636, section 4.6. A verifier without a challenge is refused, as the real server does.
    pub(crate) fn accepts_verifier(&self, verifier: Option<&str>) -> bool {
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

/// A refresh token (RFC 6749, section 1.5). It works once.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    pub(crate) client: Uuid,
    pub(crate) user: Uuid,
    pub(crate) scope: Vec<String>,
    pub(crate) authenticated_at: i64,
}

/// Waits for a mailed code, to make an address the verified one of a user.
#[derive(Clone)]
pub(crate) struct EmailCode {
    pub(crate) user: Uuid,
    pub(crate) email: String,
}
