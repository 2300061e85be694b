//! Who is signed in, and who is about to.

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
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id_token, token) = match text {
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
