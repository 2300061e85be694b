//! What the browser came back with.

use std::fmt;

use super::shown::Code;

/// A callback that does not complete its login.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub enum CallbackError {
    /// The server answers this login with an error: the user refused, for example.
    Denied {
        /// The code of RFC 6749 section 4.1.2.1 or OpenID Connect Core 3.1.2.6, `access_denied`
        /// for example.
        error: String,
        /// The server's sentence about it. It came through the browser, and anybody may have
        /// written it: it is not part of the message.
        description: Option<String>,
    },
    /// It does not answer this login. Show an error page, create no session, start a new login.
    Invalid(CallbackFault),
}

/// Why a callback does not answer the login at hand.
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
    /// A protocol parameter is there more than once.
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
        match self {
            Self::Denied { .. } => None,
            Self::Invalid(fault) => Some(fault.described().0),
        }
    }
}

impl CallbackFault {
    /// The stable name and the message of each fault.
    fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::ExpiredLogin => {
                ("expired_login", "the login was begun more than an hour ago; begin a new one")
            }
            Self::Malformed => ("malformed", "its query is malformed"),
            Self::MissingCode => ("missing_code", "it holds neither `code` nor `error`"),
            Self::MissingIssuer => {
                ("missing_issuer", "it lacks the `iss` that the server announces")
            }
            Self::MissingState => ("missing_state", "it holds no `state`"),
            Self::RepeatedParameter(_) => ("repeated_parameter", "it has more than one"),
            Self::WrongIssuer => ("wrong_issuer", "it comes from another issuer"),
            Self::WrongState => ("wrong_state", "its `state` is not the one of this login"),
        }
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
            Self::Denied { error, .. } => write!(f, "the sign-in was refused: {}", Code(error)),
            Self::Invalid(fault) => write!(f, "the callback does not answer this login: {fault}"),
        }
    }
}

impl fmt::Debug for CallbackError {
    /// Without the description.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { error, .. } => {
                f.debug_struct("Denied").field("error", &Code(error)).finish_non_exhaustive()
            }
            Self::Invalid(fault) => f.debug_tuple("Invalid").field(fault).finish(),
        }
    }
}

impl std::error::Error for CallbackError {}

impl fmt::Display for CallbackFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.described().1)?;
        match self {
            Self::RepeatedParameter(name) => write!(f, " `{name}`"),
            _ => Ok(()),
        }
    }
}
