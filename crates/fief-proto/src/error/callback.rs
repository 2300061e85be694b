//! What the browser came back with.

use std::fmt;

use super::Shown;

/// The callback of a login is no success.
#[derive(Clone)]
#[non_exhaustive]
pub enum CallbackError {
    /// The server answers this login with an error: the user said no, for example.
    Denied {
        /// The code of RFC 6749 section 4.1.2.1 or OpenID Connect Core 3.1.2.6, `access_denied`
        /// for example.
        error: String,
        /// The server's sentence about it.
        description: Option<String>,
    },
    /// It is no answer to this login. Show an error page, give no session, start a new login.
    Invalid(CallbackFault),
}

/// Why a callback is no answer to the login at hand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CallbackFault {
    /// The login was begun more than an hour ago, or in the future.
    ExpiredLogin,
    /// The query is not one that an authorization server sends.
    Malformed,
    /// No `code` and no `error`.
    MissingCode,
    /// No `iss`, although the metadata announces it (RFC 9207).
    MissingIssuer,
    /// No `state`.
    MissingState,
    /// A protocol parameter stands twice.
    RepeatedParameter(&'static str),
    /// The answer, or the login, is of another issuer (RFC 9207).
    WrongIssuer,
    /// The `state` is not the one of this login: a forged, replayed or mixed-up callback.
    WrongState,
}

impl CallbackError {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Denied { .. } => "callback_denied",
            Self::Invalid(_) => "callback_invalid",
        }
    }

    pub(crate) fn reason(&self) -> Option<&'static str> {
        let Self::Invalid(fault) = self else {
            return None;
        };
        Some(match fault {
            CallbackFault::ExpiredLogin => "expired_login",
            CallbackFault::Malformed => "malformed",
            CallbackFault::MissingCode => "missing_code",
            CallbackFault::MissingIssuer => "missing_issuer",
            CallbackFault::MissingState => "missing_state",
            CallbackFault::RepeatedParameter(_) => "repeated_parameter",
            CallbackFault::WrongIssuer => "wrong_issuer",
            CallbackFault::WrongState => "wrong_state",
        })
    }
}

impl From<CallbackFault> for CallbackError {
    fn from(fault: CallbackFault) -> Self {
        Self::Invalid(fault)
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { error, description: None } => {
                write!(f, "the sign-in was refused: {}", Shown(error))
            }
            Self::Denied { error, description: Some(description) } => {
                write!(f, "the sign-in was refused: {} ({})", Shown(error), Shown(description))
            }
            Self::Invalid(fault) => write!(f, "the callback is no answer to this login: {fault}"),
        }
    }
}

impl fmt::Debug for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { error, description } => f
                .debug_struct("Denied")
                .field("error", &Shown(error))
                .field("description", &description.as_deref().map(Shown))
                .finish(),
            Self::Invalid(fault) => f.debug_tuple("Invalid").field(fault).finish(),
        }
    }
}

impl std::error::Error for CallbackError {}

impl fmt::Display for CallbackFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExpiredLogin => f.write_str("the login was begun more than an hour ago"),
            Self::Malformed => f.write_str("its query is malformed"),
            Self::MissingCode => f.write_str("it holds neither `code` nor `error`"),
            Self::MissingIssuer => f.write_str("it lacks the `iss` that the server announces"),
            Self::MissingState => f.write_str("it holds no `state`"),
            Self::RepeatedParameter(name) => write!(f, "`{name}` stands twice"),
            Self::WrongIssuer => f.write_str("it comes from another issuer"),
            Self::WrongState => f.write_str("its `state` is not the one of this login"),
        }
    }
}
