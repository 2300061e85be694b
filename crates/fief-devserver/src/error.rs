//! The errors of starting, changing and using a server.

use std::{error::Error, fmt, io};

/// Why a server did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The server can't listen on the address, or can't start a thread.
    Io(io::Error),
    /// The address can be reached from other machines.
    NotLoopback,
    /// A signing key could not be generated.
    Key(Box<dyn Error + Send + Sync>),
    /// Keys of that size are not offered.
    KeySize(u16),
    /// Two tenants have this slug, or it can't be part of a path, or a client or user names a
    /// tenant that does not exist.
    Tenant(String),
    /// Two clients have this client ID.
    Client(String),
    /// The encryption key of this client is not an RSA key of 2048 to 8192 bits as a JWK.
    EncryptionKey(String),
    /// Two users of one tenant have this email address.
    User(String),
    /// The URL of this webhook is not on loopback, or not http.
    Webhook(String),
}

impl StartError {
    pub(crate) fn key(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Key(Box::new(error))
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => write!(f, "the server can't listen"),
            Self::NotLoopback => write!(
                f,
                "the address can be reached from other machines: this server protects nothing, \
                 so that has to be asked for by name"
            ),
            Self::Key(_) => write!(f, "a signing key could not be generated"),
            Self::KeySize(bits) => {
                write!(f, "keys of {bits} bits are not offered: 2048, 3072, 4096 or 8192 are")
            }
            Self::Tenant(slug) => {
                write!(
                    f,
                    "the tenant `{slug}` is defined twice, not defined, or can't be part of a path"
                )
            }
            Self::Client(id) => write!(f, "two clients have the client ID `{id}`"),
            Self::EncryptionKey(id) => write!(
                f,
                "the encryption key of client `{id}` is not an RSA key of 2048 to 8192 bits as JWK"
            ),
            Self::Webhook(url) => {
                write!(f, "the webhook `{url}` is not an http URL of this machine")
            }
            Self::User(email) => write!(f, "two users of one tenant have the address `{email}`"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Key(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Why a running server was not changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChangeError {
    /// No user has this address.
    UnknownUser(String),
    /// No client has this client ID.
    UnknownClient(String),
    /// The claims of a token are not a JSON object.
    Claims,
    /// A token could not be signed.
    NotSigned,
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownUser(email) => write!(f, "no user has the address `{email}`"),
            Self::UnknownClient(id) => write!(f, "no client has the client ID `{id}`"),
            Self::Claims => write!(f, "the claims of a token have to be a JSON object"),
            Self::NotSigned => write!(f, "the token could not be signed"),
        }
    }
}

impl Error for ChangeError {}

/// Why [`Browser::sign_in`](crate::Browser::sign_in) did not reach the redirect URI.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignInError {
    /// The URL can't be opened by a browser.
    Url,
    /// The server could not be reached.
    Io(Box<dyn Error + Send + Sync>),
    /// The server showed a page without a form to fill in.
    Page {
        /// The status of that page.
        status: u16,
        /// The code of the error, from the header `X-Fief-Error`.
        code: Option<String>,
    },
    /// The walk did not end: the pages lead back to each other.
    TooManySteps,
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => write!(f, "the authorization URL is not a URL"),
            Self::Io(_) => write!(f, "the server could not be reached"),
            Self::Page { status, code: Some(code) } => {
                write!(f, "the server showed a page with status {status}: {code}")
            }
            Self::Page { status, code: None } => {
                write!(
                    f,
                    "the server showed a page with status {status} that asks for something else"
                )
            }
            Self::TooManySteps => write!(f, "the walk through the pages did not end"),
        }
    }
}

impl Error for SignInError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) => Some(&**error),
            _ => None,
        }
    }
}
