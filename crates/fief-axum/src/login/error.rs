//! A login that gives no session.

use std::fmt;

use fief_hyper::{CallbackError, Error, TokenFault};
use http::StatusCode;

use crate::{AuthError, answer::retry_after};

/// Why a login, or a logout, is refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LoginError {
    /// A logout that another site has asked for.
    ForeignLogout,
    /// The session can't be kept.
    Session(AuthError),
    /// The callback answers no login of this browser: forged, used up, too old, or the browser
    /// keeps no cookies.
    UnknownLogin,
    /// The user said no, the callback is no answer to the login, or Fief is down.
    Failed(Error),
}

impl LoginError {
    /// The status that the default page has.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::ForeignLogout => StatusCode::FORBIDDEN,
            Self::Session(error) => error.status(),
            Self::UnknownLogin => StatusCode::BAD_REQUEST,
            Self::Failed(error) => status(error),
        }
    }

    /// How many seconds to wait before trying again, while Fief or the store is down.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Session(error) => error.retry_after(),
            Self::Failed(error) if self.status() == StatusCode::SERVICE_UNAVAILABLE => {
                Some(retry_after(error))
            }
            _ => None,
        }
    }

    /// Whether the same callback may still succeed: nobody has looked at its code.
    pub(super) fn may_be_repeated(&self) -> bool {
        matches!(self, Self::Failed(_)) && self.status() == StatusCode::SERVICE_UNAVAILABLE
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Callback(CallbackError::Denied { .. }) => StatusCode::FORBIDDEN,
        Error::Callback(_) => StatusCode::BAD_REQUEST,
        Error::IdToken(error) if matches!(error.fault(), TokenFault::AcrTooLow { .. }) => {
            StatusCode::FORBIDDEN
        }
        error if error.is_invalid_grant() => StatusCode::BAD_REQUEST,
        error => AuthError::from(error.clone()).status(),
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForeignLogout => f.write_str("another site asked for a logout"),
            Self::Session(error) => error.fmt(f),
            Self::UnknownLogin => f.write_str("the callback answers no login of this browser"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoginError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ForeignLogout | Self::UnknownLogin => None,
            Self::Session(error) => error.source(),
            Self::Failed(error) => error.source(),
        }
    }
}
