//! Errors, named by whose fault they are.

mod argument;
mod callback;
mod config;
mod provider;
mod report;
mod request;
mod response;
mod scrub;
mod shown;
mod token;
mod webhook;

use std::fmt;

pub use self::{
    argument::ArgumentError,
    callback::{CallbackError, CallbackFault},
    config::ConfigError,
    provider::{Cause, ProviderError},
    report::Report,
    request::{Detail, DetailItem, RequestError},
    response::ResponseError,
    token::{AccessTokenError, IdTokenError, TokenFault},
    webhook::WebhookError,
};
pub(crate) use self::{response::ResponseFault, scrub::scrub, shown::Shown};

/// Everything that can go wrong in the core, by whose fault it is.
///
/// Cheap to clone, because the failure of a shared fetch is handed to everyone who waited for it.
/// The text says what happened and what the reader can do; `source()` leads to the cause. Neither
/// it nor `Debug` ever holds a token, a code, a verifier, a secret or a password.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The bearer's access token: invalid, expired, or short of what was required.
    AccessToken(AccessTokenError),
    /// The caller passed a value that can't be sent.
    Argument(ArgumentError),
    /// The browser came back with something that is no answer to this login, or with a denial.
    Callback(CallbackError),
    /// The configuration.
    Config(ConfigError),
    /// The ID token that the server sent.
    IdToken(IdTokenError),
    /// The driver broke the contract of [`Flow`](crate::Flow).
    Misuse(&'static str),
    /// The provider's documents (discovery, keys) can't be had or are not to be trusted.
    Provider(ProviderError),
    /// The server refused the request.
    Request(Box<RequestError>),
    /// The server's answer is malformed.
    Response(ResponseError),
    /// The webhook delivery.
    Webhook(WebhookError),
}

impl Error {
    /// A stable name of what went wrong, in `snake_case`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AccessToken(error) => error.kind(),
            Self::Argument(_) => "argument",
            Self::Callback(error) => error.kind(),
            Self::Config(_) => "config",
            Self::IdToken(_) => "id_token_invalid",
            Self::Misuse(_) => "misuse",
            Self::Provider(error) => error.kind(),
            Self::Request(_) => "request",
            Self::Response(_) => "response",
            Self::Webhook(_) => "webhook",
        }
    }

    /// A stable name of the particular reason, in `snake_case`, where the kind has several.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::AccessToken(error) => error.reason(),
            Self::Argument(error) => Some(error.argument()),
            Self::Callback(error) => error.reason(),
            Self::Config(error) => Some(error.reason()),
            Self::IdToken(error) => Some(error.fault().name()),
            Self::Misuse(_) => None,
            Self::Provider(error) => Some(error.reason()),
            Self::Request(error) => Some(error.reason()),
            Self::Response(error) => Some(error.reason()),
            Self::Webhook(error) => Some(error.reason()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessToken(error) => error.fmt(f),
            Self::Argument(error) => error.fmt(f),
            Self::Callback(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::IdToken(error) => error.fmt(f),
            Self::Misuse(what) => write!(f, "misuse of a flow: {what}"),
            Self::Provider(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::Response(error) => error.fmt(f),
            Self::Webhook(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    /// The source of the error that this one wraps: the wrapped error has said its own text
    /// already.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::AccessToken(error) => error.source(),
            Self::Argument(error) => error.source(),
            Self::Callback(error) => error.source(),
            Self::Config(error) => error.source(),
            Self::IdToken(error) => error.source(),
            Self::Misuse(_) => None,
            Self::Provider(error) => error.source(),
            Self::Request(error) => error.source(),
            Self::Response(error) => error.source(),
            Self::Webhook(error) => error.source(),
        }
    }
}

macro_rules! from {
    ($($variant:ident($error:ty)),*) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })*
    };
}

from!(
    AccessToken(AccessTokenError),
    Argument(ArgumentError),
    Callback(CallbackError),
    Config(ConfigError),
    IdToken(IdTokenError),
    Provider(ProviderError),
    Response(ResponseError),
    Webhook(WebhookError)
);
