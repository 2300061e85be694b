//! Why a request is not let through.

use std::{error::Error as StdError, fmt, sync::Arc};

use fief_hyper::{AccessTokenError, Endpoint, Error, TokenFault};
use http::StatusCode;

/// An error of somebody else's, a cache or a store for example.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a request is not let through, by whose fault it is.
///
/// As a response it is what RFC 6750 and RFC 9470 ask for;
/// [`FiefAuthBuilder::answer`](crate::FiefAuthBuilder::answer) puts another in its place.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthError {
    /// The token is not good, or not enough for this route: 401 or 403.
    AccessToken(AccessTokenError),
    /// This program is set up wrongly: 500.
    Internal(Error),
    /// There is no token: 401.
    NoToken,
    /// The store of the sessions can't be reached: 503.
    SessionStore(Arc<dyn StdError + Send + Sync>),
    /// A piece is missing from the router: 500.
    Setup(&'static str),
    /// The token is good by its signature, but Fief's user API refuses it: 401.
    TokenRefused(Error),
    /// Fief can't be reached, or has no keys to show: 503.
    Unavailable(Error),
    /// Fief answered a request of ours with an error, or with nonsense: 502.
    Upstream(Error),
}

impl AuthError {
    /// A token that is none, whatever its bytes.
    pub(crate) fn malformed_token() -> Self {
        Self::AccessToken(AccessTokenError::Invalid(TokenFault::NotAscii))
    }

    /// The status that the default answer has.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::AccessToken(error) => {
                StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED)
            }
            Self::NoToken | Self::TokenRefused(_) => StatusCode::UNAUTHORIZED,
            Self::Internal(_) | Self::Setup(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::SessionStore(_) | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Upstream(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// The `error` code of the default answer (RFC 6750 section 3.1, RFC 9470 section 3, RFC 6749
    /// section 4.1.2.1); none where no token came.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::AccessToken(error) => Some(error.code()),
            Self::NoToken => None,
            Self::TokenRefused(_) => Some("invalid_token"),
            Self::Internal(_) | Self::Setup(_) | Self::Upstream(_) => Some("server_error"),
            Self::SessionStore(_) | Self::Unavailable(_) => Some("temporarily_unavailable"),
        }
    }

    /// Whether the request counts as one of nobody's: there is no token, or none that is good.
    pub fn is_anonymous(&self) -> bool {
        self.status() == StatusCode::UNAUTHORIZED
    }
}

impl From<Error> for AuthError {
    fn from(error: Error) -> Self {
        match &error {
            Error::AccessToken(inner) => Self::AccessToken(inner.clone()),
            Error::Transport(_) | Error::Provider(_) | Error::Unchecked { .. } => {
                Self::Unavailable(error)
            }
            Error::Refused(refusal)
                if refusal.endpoint() != Endpoint::Token && refusal.status() == 401 =>
            {
                Self::TokenRefused(error)
            }
            // Without keys or a discovery document nothing can be told of any token.
            Error::Refused(_) | Error::Response(_)
                if error.is_transient() || error.never_sent() =>
            {
                Self::Unavailable(error)
            }
            Error::IdToken(_) | Error::Refused(_) | Error::Response(_) => Self::Upstream(error),
            _ => Self::Internal(error),
        }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessToken(error) => error.fmt(f),
            Self::NoToken => f.write_str("the request has no access token"),
            Self::SessionStore(_) => f.write_str("the store of the sessions fails"),
            Self::Setup(what) => write!(f, "the router is set up wrongly: {what}"),
            Self::Internal(error)
            | Self::TokenRefused(error)
            | Self::Unavailable(error)
            | Self::Upstream(error) => error.fmt(f),
        }
    }
}

impl StdError for AuthError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::AccessToken(error) => error.source(),
            Self::NoToken | Self::Setup(_) => None,
            Self::SessionStore(error) => Some(error.as_ref()),
            Self::Internal(error)
            | Self::TokenRefused(error)
            | Self::Unavailable(error)
            | Self::Upstream(error) => error.source(),
        }
    }
}
