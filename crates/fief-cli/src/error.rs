//! What can go wrong, in the names that users of the official clients know.

use std::{
    error::Error as StdError,
    fmt,
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::Arc,
};

use fief_ureq::{CallbackError, CallbackFault, Endpoint, Error as FiefError, TransportErrorKind};

/// Why a call failed. Neither its message nor `Debug` ever holds a token, a code or a secret.
///
/// The message says what happened; `source()` leads to the cause. [`Report`] shows both, and what
/// the user can do about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The browser came back with neither a code nor a denial, or nothing usable was pasted.
    AuthorizationCodeMissing,
    /// The server refused the sign-in: because the user declined, for example.
    Denied(CallbackError),
    /// The call to Fief: the connection to the server, its answer, or a token that is refused. An
    /// access token that has expired where no refresh was asked for is here too.
    Fief {
        /// What went wrong.
        error: FiefError,
        /// The base URL that the client is configured with.
        base_url: String,
    },
    /// Standard input, where the user pastes, can't be read.
    Input(Arc<io::Error>),
    /// The flag of [`AuthorizeOptions::stop_on`](crate::AuthorizeOptions::stop_on) was set.
    Interrupted,
    /// The program can't listen for the callback at this address.
    Listen(SocketAddr, Arc<io::Error>),
    /// No user is signed in: run the sign-in.
    NotAuthenticated(SignedOut),
    /// Another program listens where the callback is expected, at each of these addresses.
    PortInUse(Vec<SocketAddr>),
    /// The program can't listen for a callback to this redirect URI.
    RedirectUri(&'static str),
    /// The access token is due and there is no refresh token to renew it with: sign in again.
    RefreshTokenMissing,
    /// The credentials can't be read or written.
    Storage(Arc<io::Error>),
    /// The user did not sign in before the deadline.
    TimedOut,
}

/// Why no user is signed in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SignedOut {
    /// Nothing is saved, or nothing that can be understood.
    Never,
    /// What is saved is of another server, tenant or client.
    Elsewhere,
    /// The server does not accept what is saved any more: it refuses the refresh token, or the new
    /// tokens are not those of the same sign-in.
    Over(FiefError),
    /// The saved access token can't be used.
    Unusable(FiefError),
}

impl Error {
    /// A stable name of what went wrong, in `snake_case`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AuthorizationCodeMissing => "authorization_code_missing",
            Self::Denied(_) => "denied",
            Self::Fief { error, .. } => error.kind(),
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

    /// Whether a new sign-in helps. Credentials that can't be read may then be replaced.
    pub(crate) fn is_signed_out(&self) -> bool {
        match self {
            Self::NotAuthenticated(_) | Self::RefreshTokenMissing => true,
            Self::Storage(error) => error.kind() != ErrorKind::TimedOut,
            _ => false,
        }
    }

    pub(crate) fn storage(error: io::Error) -> Self {
        Self::Storage(Arc::new(error))
    }

    pub(crate) fn fief(error: FiefError, base_url: &str) -> Self {
        match error {
            FiefError::Callback(error @ CallbackError::Denied { .. }) => Self::Denied(error),
            FiefError::Callback(CallbackError::Invalid(CallbackFault::MissingCode)) => {
                Self::AuthorizationCodeMissing
            }
            error => Self::Fief { error, base_url: base_url.to_owned() },
        }
    }

    /// What the user at the terminal can do now.
    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Fief { error, base_url } => return fief_advice(error, base_url),
            Self::Denied(_) | Self::AuthorizationCodeMissing => {
                "Start the sign-in again, and agree to it in the browser.".to_owned()
            }
            Self::Input(_) => "Start the sign-in again in a terminal.".to_owned(),
            Self::Interrupted => return None,
            Self::Listen(address, _) => format!(
                "The redirect URI of this program has the port {}; choose one that it may listen \
                 on.",
                address.port()
            ),
            Self::NotAuthenticated(_) | Self::RefreshTokenMissing => "Sign in.".to_owned(),
            Self::PortInUse(_) => {
                "Another sign-in may be waiting: end it, or try again later.".to_owned()
            }
            Self::RedirectUri(_) => {
                "It must have the form http://localhost:51562/callback. The developer of this \
                 program sets it."
                    .to_owned()
            }
            Self::Storage(error) => match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    "Free some space. You have not been signed out."
                }
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
                    "Allow this program to write there, or give it another path."
                }
                ErrorKind::TimedOut => "End that process, and try again.",
                _ => "Fix that, or give the program another path.",
            }
            .to_owned(),
            Self::TimedOut => "Start the sign-in again.".to_owned(),
        })
    }
}

/// What to do where Fief, or the connection to it, is at fault.
fn fief_advice(error: &FiefError, base_url: &str) -> Option<String> {
    let discovery = format!("{base_url}/.well-known/openid-configuration");
    Some(match error {
        // A host other than Fief's is that of a proxy.
        FiefError::Transport(error) => match error.kind() {
            kind if kind == TransportErrorKind::Proxy || !base_url.contains(error.host()) => {
                format!(
                    "The server is {base_url}, and the proxy is that of HTTPS_PROXY or ALL_PROXY in \
                 the environment: correct it, or name the host in NO_PROXY."
                )
            }
            TransportErrorKind::Tls | TransportErrorKind::InvalidResponse => format!(
                "The server is {base_url}. Compare scheme (https or http) and port with its \
                 address in the browser; if they are right, the certificate is not trusted here."
            ),
            TransportErrorKind::Configuration => {
                "This program is not configured correctly. Report this to its developer.".to_owned()
            }
            _ => format!(
                "The server is {base_url}. Is it running, and is this machine connected? Try again \
                 later."
            ),
        },
        FiefError::Refused(refusal) => match (refusal.endpoint(), refusal.oauth_error()) {
            (_, Some("invalid_client")) => format!(
                "{base_url} does not know this client as a public one: compare the client ID, and \
                 choose the type Public for it in Fief. A program on users' machines can't keep a \
                 client secret."
            ),
            (Endpoint::Discovery, _) if !error.is_transient() => format!(
                "{discovery} was requested. No Fief server, or no such tenant, is at {base_url}: \
                 check host and path."
            ),
            _ if error.is_transient() => {
                format!("The server {base_url} is at fault or busy. Try again later.")
            }
            _ => format!("The server is {base_url}. Sign in again."),
        },
        FiefError::Response(response) if response.endpoint() == Endpoint::Discovery => format!(
            "{discovery} was requested. What answers there is not a Fief server: check host, \
             port and path."
        ),
        FiefError::Response(_) | FiefError::Provider(_) => {
            format!("The server is {base_url}. Report this to its administrator.")
        }
        FiefError::IdToken(_) => "Check the clock of this machine, then sign in again.".to_owned(),
        FiefError::AccessToken(_) => "Sign in again.".to_owned(),
        FiefError::Unchecked { .. } => {
            "You are still signed in. Check the clock of this machine, and try again later."
                .to_owned()
        }
        _ => return None,
    })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorizationCodeMissing => f.write_str("no authorization code came back"),
            Self::Denied(error) => error.fmt(f),
            Self::Fief { error: FiefError::Unchecked { .. }, .. } => {
                f.write_str("the new tokens can't be checked just now")
            }
            Self::Fief { error, .. } => error.fmt(f),
            Self::Input(_) => f.write_str("the terminal can't be read"),
            Self::Interrupted => f.write_str("the sign-in was interrupted"),
            Self::Listen(address, _) => write!(f, "can't listen on {address} for the callback"),
            Self::NotAuthenticated(why) => f.write_str(match why {
                SignedOut::Never => "you are not signed in",
                SignedOut::Elsewhere => {
                    "the saved sign-in is of another Fief server, tenant or client"
                }
                SignedOut::Over(_) => "Fief does not accept the saved sign-in any more",
                SignedOut::Unusable(_) => "the saved sign-in can't be used",
            }),
            Self::PortInUse(addresses) => {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                let verb = if addresses.len() == 1 { "is" } else { "are" };
                write!(f, "{} {verb} in use by another program", addresses.join(" and "))
            }
            Self::RedirectUri(fault) => write!(f, "the redirect URI {fault}"),
            Self::RefreshTokenMissing => {
                f.write_str("the sign-in has expired, and no refresh token was saved to renew it")
            }
            Self::Storage(_) => f.write_str("the credentials can't be read or saved"),
            Self::TimedOut => f.write_str("the sign-in took too long"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Denied(error) => error.source(),
            Self::Fief { error, .. } => error.source(),
            Self::Input(error) | Self::Listen(_, error) | Self::Storage(error) => {
                Some(error.as_ref())
            }
            Self::NotAuthenticated(SignedOut::Over(error) | SignedOut::Unusable(error)) => {
                Some(error)
            }
            _ => None,
        }
    }
}

/// Shows an error to the user: what happened, because of what, and what to do now.
///
/// It accepts any error, so that a program can print every error that reaches its `main`; errors of
/// this crate come with advice.
///
/// ```
/// use fief_cli::{Error, Report};
///
/// assert_eq!(
///     Report(&Error::TimedOut).to_string(),
///     "the sign-in took too long\nStart the sign-in again."
/// );
/// ```
pub struct Report<'a>(pub &'a (dyn StdError + 'static));

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fief_ureq::Report(self.0).fmt(f)?;
        match self.0.downcast_ref::<Error>().and_then(Error::advice) {
            Some(advice) => write!(f, "\n{advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
