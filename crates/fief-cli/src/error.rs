//! What can go wrong, in the names that users of the official clients know.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use fief_ureq::{AccessTokenError, CallbackError, CallbackFault, TokenFault, proto};

/// Why a call gave nothing. Neither its text nor `Debug` ever holds a token, a code or a secret.
///
/// The text says what happened and what the reader can do; `source()` leads to the cause. Show both
/// with [`Report`](fief_ureq::Report).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The browser came back with neither a code nor a denial, or nothing was pasted.
    AuthorizationCodeMissing,
    /// The client: the way to the server, its answer, or a token that is refused. An access token
    /// that has expired where no refresh was asked for is here too.
    Client(fief_ureq::Error),
    /// The server answers the sign-in with a refusal: the user said no, for example.
    Denied(CallbackError),
    /// What the user pastes can't be read.
    Input(Arc<io::Error>),
    /// The flag of [`AuthorizeOptions::stop_on`](crate::AuthorizeOptions::stop_on) was set.
    Interrupted,
    /// The callback can't be listened for.
    Listen(SocketAddr, Arc<io::Error>),
    /// Nobody is signed in: run the sign-in. Where the server refuses the saved refresh token, its
    /// refusal is the source.
    NotAuthenticated(Option<fief_ureq::Error>),
    /// Another program listens where the callback is expected.
    PortInUse(SocketAddr),
    /// The redirect URI is not one that can be listened on.
    RedirectUri(&'static str),
    /// The access token is due and there is no refresh token to renew it with: sign in again.
    RefreshTokenMissing,
    /// The credentials can't be read or written.
    Storage(Arc<io::Error>),
    /// The user did not sign in before the deadline.
    TimedOut,
}

impl Error {
    /// A stable name of what went wrong, in `snake_case`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AuthorizationCodeMissing => "authorization_code_missing",
            Self::Client(error) => error.kind(),
            Self::Denied(_) => "denied",
            Self::Input(_) => "input",
            Self::Interrupted => "interrupted",
            Self::Listen(..) => "listen",
            Self::NotAuthenticated(_) => "not_authenticated",
            Self::PortInUse(_) => "port_in_use",
            Self::RedirectUri(_) => "redirect_uri",
            Self::RefreshTokenMissing => "refresh_token_missing",
            Self::Storage(_) => "storage",
            Self::TimedOut => "timed_out",
        }
    }

    pub(crate) fn storage(error: io::Error) -> Self {
        Self::Storage(Arc::new(error))
    }
}

impl From<fief_ureq::Error> for Error {
    fn from(error: fief_ureq::Error) -> Self {
        use fief_ureq::Error::Protocol;
        match error {
            Protocol(proto::Error::Callback(error @ CallbackError::Denied { .. })) => {
                Self::Denied(error)
            }
            Protocol(proto::Error::Callback(CallbackError::Invalid(
                CallbackFault::MissingCode,
            ))) => Self::AuthorizationCodeMissing,
            error => Self::Client(error),
        }
    }
}

/// Whether this says that an access token was good, and its time is over.
pub(crate) fn is_expired(error: &fief_ureq::Error) -> bool {
    matches!(access_token_error(error), Some(AccessTokenError::Expired))
}

/// Whether this says that the server no longer publishes the key of an access token.
pub(crate) fn is_unknown_key(error: &fief_ureq::Error) -> bool {
    matches!(access_token_error(error), Some(AccessTokenError::Invalid(TokenFault::UnknownKey)))
}

fn access_token_error(error: &fief_ureq::Error) -> Option<&AccessTokenError> {
    match error {
        fief_ureq::Error::Protocol(proto::Error::AccessToken(error)) => Some(error),
        _ => None,
    }
}

/// Whether the server refuses a refresh token for good.
pub(crate) fn is_invalid_grant(error: &fief_ureq::Error) -> bool {
    use fief_ureq::Error::Protocol;
    matches!(error, Protocol(proto::Error::Request(error)) if error.is_invalid_grant())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorizationCodeMissing => {
                f.write_str("no authorization code came back: sign in again")
            }
            Self::Client(error) => error.fmt(f),
            Self::Denied(error) => error.fmt(f),
            Self::Input(_) => f.write_str("what was pasted can't be read"),
            Self::Interrupted => f.write_str("the sign-in was interrupted"),
            Self::Listen(address, _) => write!(f, "can't listen on {address} for the callback"),
            Self::NotAuthenticated(None) => f.write_str("nobody is signed in: sign in first"),
            Self::NotAuthenticated(Some(_)) => {
                f.write_str("the sign-in is no longer valid: sign in again")
            }
            Self::PortInUse(address) => write!(
                f,
                "{address} is in use, perhaps by another sign-in: end it, or try again later"
            ),
            Self::RedirectUri(fault) => write!(f, "the redirect URI {fault}"),
            Self::RefreshTokenMissing => {
                f.write_str("the access token is due and no refresh token was saved: sign in again")
            }
            Self::Storage(_) => f.write_str("the credentials can't be read or saved"),
            Self::TimedOut => f.write_str("nobody signed in in time: try again"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Client(error) => error.source(),
            Self::Denied(error) => error.source(),
            Self::Input(error) | Self::Listen(_, error) | Self::Storage(error) => {
                Some(error.as_ref())
            }
            Self::NotAuthenticated(refusal) => {
                refusal.as_ref().map(|error| error as &(dyn std::error::Error + 'static))
            }
            _ => None,
        }
    }
}
