//! The provider's documents can't be had, or not be trusted.

use std::{fmt, sync::Arc};

use super::{RequestError, Shown};
use crate::{Endpoint, json::JsonError};

/// The discovery document or the keys are missing, and nothing usable is left from before.
///
/// This says nothing about the token or the login at hand: answer 503, and try again later.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ProviderError {
    /// The authorization endpoint that was discovered is not one to send a user to.
    AuthorizationEndpoint {
        /// What was discovered.
        found: String,
        /// What is wrong with it, and what to do.
        why: &'static str,
    },
    /// An endpoint that was discovered can't be placed under the configured base URL.
    Endpoint {
        /// The member of the metadata, `token_endpoint` for example.
        name: &'static str,
        /// What was discovered.
        found: String,
    },
    /// The issuer that was discovered does not belong to the base URL.
    IssuerMismatch {
        /// The base URL, or the issuer that the configuration states.
        expected: String,
        /// What was discovered.
        found: String,
    },
    /// The document is malformed.
    Malformed {
        /// The endpoint it came from.
        endpoint: Endpoint,
        /// How.
        error: JsonError,
    },
    /// No entry of the key set is a key that can check RS256.
    NoUsableKey {
        /// How many entries there are.
        entries: usize,
    },
    /// The server refused to hand the document out.
    Refused(Arc<RequestError>),
    /// The document came with another status of success than 200.
    Status {
        /// The endpoint it came from.
        endpoint: Endpoint,
        /// The status.
        status: u16,
    },
    /// The document is too large.
    TooLarge {
        /// The endpoint it came from.
        endpoint: Endpoint,
        /// The greatest size taken, in bytes.
        limit: usize,
    },
    /// The server could not be reached.
    Unreachable {
        /// The endpoint that was asked for.
        endpoint: Endpoint,
        /// What the driver met.
        cause: Cause,
    },
}

impl ProviderError {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::Unreachable { .. } => "provider_unavailable",
            _ => "provider_invalid",
        }
    }

    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::AuthorizationEndpoint { .. } => "authorization_endpoint",
            Self::Endpoint { .. } => "endpoint",
            Self::IssuerMismatch { .. } => "issuer_mismatch",
            Self::Malformed { error, .. } => error.reason(),
            Self::NoUsableKey { .. } => "no_usable_key",
            Self::Refused(error) => error.reason(),
            Self::Status { .. } => "status",
            Self::TooLarge { .. } => "too_large",
            Self::Unreachable { .. } => "transport",
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorizationEndpoint { found, why } => {
                write!(f, "the authorization endpoint {} {why}", Shown(found))
            }
            Self::Endpoint { name, found } => {
                write!(f, "the `{name}` {} can't be placed under the base URL", Shown(found))
            }
            Self::IssuerMismatch { expected, found } => write!(
                f,
                "the server calls itself {}, which does not belong to {}; check the base URL, or \
                 state the issuer with `issuer`",
                Shown(found),
                Shown(expected)
            ),
            Self::Malformed { endpoint, .. } => {
                write!(f, "the document of the {endpoint} is malformed")
            }
            Self::NoUsableKey { entries } => {
                write!(f, "none of the {entries} published keys can check RS256")
            }
            Self::Refused(_) => f.write_str("Fief is unavailable"),
            Self::Status { endpoint, status } => {
                write!(f, "the {endpoint} answered {status} in place of 200")
            }
            Self::TooLarge { endpoint, limit } => {
                write!(f, "the document of the {endpoint} is longer than {limit} bytes")
            }
            Self::Unreachable { endpoint, .. } => {
                write!(f, "Fief is unavailable: the {endpoint} can't be reached")
            }
        }
    }
}

impl std::error::Error for ProviderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed { error, .. } => Some(error),
            Self::Refused(error) => Some(error.as_ref()),
            Self::Unreachable { cause, .. } => Some(cause.0.as_ref()),
            _ => None,
        }
    }
}

/// What a driver met instead of a response, handed to [`Client::learn`](crate::Client::learn).
///
/// Shared, because everyone who waited for the fetch gets it as the source of their error.
#[derive(Clone)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    /// Wraps the driver's error. Its text must hold no secret, as with every error.
    pub fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
