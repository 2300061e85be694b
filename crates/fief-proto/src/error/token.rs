//! Tokens that are refused.

use std::{borrow::Cow, fmt};

use super::{
    shown::Shown,
    token_fault::{TokenFault, TokenKind},
};
use crate::claims::acr::Acr;

/// An access token that is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The user must authenticate at a higher level than the token states: send them to log in at
    /// that level.
    AcrTooLow {
        /// The level that was required.
        required: Acr,
        /// The level that the token states, if it states one.
        found: Option<Acr>,
    },
    /// It was valid, and has expired: refresh it, or log in again.
    Expired {
        /// How long ago, in seconds, without the leeway.
        by: u64,
    },
    /// It is not from this server, not for this client, or not an access token.
    Invalid(TokenFault),
    /// The user lacks this permission.
    MissingPermission(String),
    /// The token was not granted this scope.
    MissingScope(String),
}

/// What a protected resource answers with, and what it is called in logs.
struct Described {
    kind: &'static str,
    status: u16,
    code: &'static str,
    message: Cow<'static, str>,
}

impl AccessTokenError {
    /// The HTTP status that a protected resource answers with (RFC 6750 section 3.1): 401 where the
    /// token is not valid, 403 where it is valid and allows too little. Fief itself answers 403 to
    /// a level that is too low.
    pub fn status(&self) -> u16 {
        self.described().status
    }

    /// The `error` code for `WWW-Authenticate` (RFC 6750 section 3.1; RFC 9470 section 3 for the
    /// level).
    pub fn code(&self) -> &'static str {
        self.described().code
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.described().kind
    }

    pub(crate) fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(fault) => Some(fault.name()),
            _ => None,
        }
    }

    fn described(&self) -> Described {
        let (kind, status, code, message) = match self {
            Self::AcrTooLow { required, found } => (
                "access_token_acr_too_low",
                403,
                "insufficient_user_authentication",
                match found {
                    Some(found) => {
                        format!("the access token is of ACR {found}, and {required} is required")
                    }
                    None => format!("the access token states no ACR, and {required} is required"),
                },
            ),
            Self::Expired { by } => (
                "access_token_expired",
                401,
                "invalid_token",
                format!("the access token expired {by} seconds ago; refresh it"),
            ),
            Self::Invalid(fault) => (
                "access_token_invalid",
                401,
                "invalid_token",
                format!("the access token is invalid: {}", fault.of(TokenKind::Access)),
            ),
            Self::MissingPermission(permission) => (
                "access_token_missing_permission",
                403,
                "insufficient_scope",
                format!("the user lacks the permission {}", Shown(permission)),
            ),
            Self::MissingScope(scope) => (
                "access_token_missing_scope",
                403,
                "insufficient_scope",
                format!("the access token lacks the scope {}", Shown(scope)),
            ),
        };
        Described { kind, status, code, message: message.into() }
    }
}

impl From<TokenFault> for AccessTokenError {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::Expired { by } => Self::Expired { by },
            fault => Self::Invalid(fault),
        }
    }
}

impl fmt::Display for AccessTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.described().message)
    }
}

impl std::error::Error for AccessTokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid(fault) => fault.source(),
            _ => None,
        }
    }
}

/// The ID token that the server sent is refused: no user is signed in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdTokenError(TokenFault);

impl IdTokenError {
    /// What is wrong with it.
    pub fn fault(&self) -> &TokenFault {
        &self.0
    }
}

impl From<TokenFault> for IdTokenError {
    fn from(fault: TokenFault) -> Self {
        Self(fault)
    }
}

impl fmt::Display for IdTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the ID token is invalid: {}", self.0.of(TokenKind::Id))
    }
}

impl std::error::Error for IdTokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
