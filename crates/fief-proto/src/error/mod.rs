//! Errors, named by whose fault they are.

pub(crate) mod callback;
pub(crate) mod local;
pub(crate) mod provider;
pub(crate) mod refusal;
pub(crate) mod report;
pub(crate) mod response;
pub(crate) mod shown;
pub(crate) mod token;
pub(crate) mod token_fault;
pub(crate) mod transport;
pub(crate) mod webhook;

use std::{fmt, time::Duration};

pub use self::{
    callback::{CallbackError, CallbackFault},
    local::{ArgumentError, ConfigError, EntropyError},
    provider::{KeyFault, ProviderError},
    refusal::{Detail, DetailItem, Refusal},
    report::Report,
    response::{ResponseError, ResponseFault},
    token::{AccessTokenError, IdTokenError},
    token_fault::TokenFault,
    transport::{TransportError, TransportErrorKind},
    webhook::WebhookError,
};
use crate::{base::secret::Secret, http::endpoint::Endpoint};

/// Everything that can go wrong in a call to Fief, by whose fault it is.
///
/// The same failure is the same variant, whichever request met it: a server that can't be reached
/// is [`Error::Transport`] for the key set as for a refresh. Cheap to clone, because the failure of
/// a shared fetch is handed to all who waited for it, and comparable: causes further down
/// ([`source`](std::error::Error::source)) are not compared.
///
/// The message says what happened and what the reader can do. Neither it nor `Debug` ever holds a
/// token, a code, a verifier, a secret or a password: free text of a server or a browser is
/// reachable by accessors, and is never part of a message.
///
/// # Stable names
///
/// [`kind`](Self::kind) and [`reason`](Self::reason) give names in `snake_case` for metrics and
/// logs. They are part of this crate's interface, as variants are.
///
/// | kind | reasons |
/// |---|---|
/// | `access_token_acr_too_low`, `access_token_expired`, `access_token_missing_permission`, `access_token_missing_scope` | – |
/// | `access_token_invalid`, `id_token_invalid` | those of [`TokenFault::name`] |
/// | `argument` | the name of the argument |
/// | `callback_denied` | – |
/// | `callback_invalid` | `expired_login`, `malformed`, `missing_code`, `missing_issuer`, `missing_state`, `repeated_parameter`, `wrong_issuer`, `wrong_state` |
/// | `config` | mostly the name of the option; also `basic_credentials`, `duration`, `encryption_unavailable`, `insecure_base_url`, `no_backend` |
/// | `entropy` | – |
/// | `misuse` | – |
/// | `provider_invalid` | `authorization_endpoint`, `code_challenge_methods`, `endpoint`, `issuer_mismatch`, `no_usable_key`, `other_client` |
/// | `refused` | `redirect`, `status` |
/// | `response` | `duplicate_member`, `malformed`, `not_json`, `status`, `too_deep`, `too_large`, `wrong_subject` |
/// | `transport` | `configuration`, `connect`, `invalid_response`, `io`, `proxy`, `timeout`, `tls` |
/// | `unchecked` | the reason of the error that kept the answer from being checked |
/// | `webhook` | `empty_secret`, `in_the_future`, `malformed_body`, `malformed_header`, `missing_header`, `too_old`, `wrong_signature` |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The bearer's access token: invalid, expired, or short of what was required.
    AccessToken(AccessTokenError),
    /// The caller passed a value that can't be sent.
    Argument(ArgumentError),
    /// The browser came back with something that does not answer this login, or with a denial.
    Callback(CallbackError),
    /// The configuration.
    Config(ConfigError),
    /// The operating system has no random numbers for a login.
    Entropy(EntropyError),
    /// The ID token that the server sent.
    IdToken(IdTokenError),
    /// The driver broke the contract of [`Flow`](crate::flow::Flow).
    Misuse(&'static str),
    /// The provider's documents (discovery, keys) can be read, but must not be trusted or can't be
    /// used.
    Provider(ProviderError),
    /// The server refused the request.
    Refused(Box<Refusal>),
    /// The server's answer is malformed.
    Response(ResponseError),
    /// No usable answer came: no connection, no trusted certificate, a timeout, or no valid HTTP.
    Transport(TransportError),
    /// Fief has answered a token request, and the answer can't be checked just now: the key of its
    /// ID token is unknown and the keys can't be fetched, or the clocks disagree.
    ///
    /// After a refresh, `refresh_token` is the new refresh token, which must be kept in place of
    /// the one that was spent: refresh with it later, when all checks are made on a new answer.
    /// After a login there is nothing to keep; begin a new one.
    Unchecked {
        /// What kept the answer from being checked.
        reason: Box<Error>,
        /// The successor of the refresh token that was spent; none after a login, or if the server
        /// sent none.
        refresh_token: Option<Secret>,
    },
    /// The webhook delivery.
    Webhook(WebhookError),
}

impl Error {
    /// A stable name of what went wrong, in `snake_case`; the list is [above](Error).
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AccessToken(error) => error.kind(),
            Self::Argument(_) => "argument",
            Self::Callback(error) => error.kind(),
            Self::Config(_) => "config",
            Self::Entropy(_) => "entropy",
            Self::IdToken(_) => "id_token_invalid",
            Self::Misuse(_) => "misuse",
            Self::Provider(_) => "provider_invalid",
            Self::Refused(_) => "refused",
            Self::Response(_) => "response",
            Self::Transport(_) => "transport",
            Self::Unchecked { .. } => "unchecked",
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
            Self::Entropy(_) | Self::Misuse(_) => None,
            Self::IdToken(error) => Some(error.fault().name()),
            Self::Provider(error) => Some(error.reason()),
            Self::Refused(error) => Some(error.reason()),
            Self::Response(error) => Some(error.reason()),
            Self::Transport(error) => Some(error.reason()),
            Self::Unchecked { reason, .. } => reason.reason(),
            Self::Webhook(error) => Some(error.reason()),
        }
    }

    /// Whether the same call may succeed a little later, without anybody changing anything: the
    /// server is down, slow or busy. A web service answers 503.
    ///
    /// It says nothing about the token or the login at hand. An authorization code or a refresh
    /// token must not be sent again even so, unless [`never_sent`](Self::never_sent) says that it
    /// was not sent.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused(refusal) => {
                matches!(refusal.status(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
            }
            Self::Transport(error) => error.is_transient(),
            // The new refresh token will do once the keys can be fetched; wrong clocks have to be
            // set.
            Self::Unchecked { reason, refresh_token } => {
                refresh_token.is_some()
                    && (reason.is_transient() || reason.reason() == Some("unknown_key"))
            }
            _ => false,
        }
    }

    /// Whether the code or the refresh token of this call has certainly not left this machine, and
    /// may be used again.
    ///
    /// True for what fails before the token request is sent: the arguments, the callback, the
    /// discovery document and the keys, the connection, its TLS handshake, the proxy. False in
    /// doubt.
    pub fn never_sent(&self) -> bool {
        let before = |endpoint| matches!(endpoint, Endpoint::Discovery | Endpoint::Keys);
        match self {
            Self::Argument(_)
            | Self::Callback(_)
            | Self::Config(_)
            | Self::Entropy(_)
            | Self::Provider(_) => true,
            Self::Refused(error) => before(error.endpoint()),
            Self::Response(error) => before(error.endpoint()),
            Self::Transport(error) => error.never_sent(),
            Self::AccessToken(_)
            | Self::IdToken(_)
            | Self::Misuse(_)
            | Self::Unchecked { .. }
            | Self::Webhook(_) => false,
        }
    }

    /// Whether the server says that the code, refresh token or verifier is wrong, used up or
    /// expired (RFC 6749 section 5.2): the user has to sign in again.
    pub fn is_invalid_grant(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_invalid_grant())
    }

    /// The fault of the access token that was validated, if this is one: answer with its
    /// [`status`](AccessTokenError::status) and [`code`](AccessTokenError::code).
    pub fn access_token(&self) -> Option<&AccessTokenError> {
        match self {
            Self::AccessToken(error) => Some(error),
            _ => None,
        }
    }

    /// How long the server asks to wait before the next try, where it says so in seconds
    /// (`Retry-After`, RFC 9110 section 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after(),
            Self::Unchecked { reason, .. } => reason.retry_after(),
            _ => None,
        }
    }
}

/// Runs an expression on the error of each variant that wraps one.
macro_rules! with_wrapped {
    ($self:expr, $error:ident => $then:expr, $otherwise:pat => $else:expr) => {
        match $self {
            Error::AccessToken($error) => $then,
            Error::Argument($error) => $then,
            Error::Callback($error) => $then,
            Error::Config($error) => $then,
            Error::Entropy($error) => $then,
            Error::IdToken($error) => $then,
            Error::Provider($error) => $then,
            Error::Refused($error) => $then,
            Error::Response($error) => $then,
            Error::Transport($error) => $then,
            Error::Webhook($error) => $then,
            $otherwise => $else,
        }
    };
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_wrapped!(self, error => error.fmt(f), Self::Misuse(_) | Self::Unchecked { .. } => {
            match self {
                Self::Misuse(what) => write!(f, "misuse of a flow: {what}"),
                Self::Unchecked { refresh_token: Some(_), .. } => f.write_str(
                    "Fief has refreshed the tokens, and they can't be checked just now; keep the \
                     new refresh token and refresh with it later",
                ),
                _ => f.write_str(
                    "Fief has answered with tokens that can't be checked just now; sign in again",
                ),
            }
        })
    }
}

impl std::error::Error for Error {
    /// The source of the wrapped error, and not that error itself: its message is part of this
    /// one's.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        with_wrapped!(self, error => error.source(), Self::Misuse(_) | Self::Unchecked { .. } => {
            match self {
                Self::Unchecked { reason, .. } => Some(reason.as_ref()),
                _ => None,
            }
        })
    }
}

macro_rules! from {
    ($($variant:ident($error:ty)),* $(,)?) => {
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
    Entropy(EntropyError),
    IdToken(IdTokenError),
    Provider(ProviderError),
    Response(ResponseError),
    Transport(TransportError),
    Webhook(WebhookError),
);

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
