//! A webhook delivery that must not be trusted.

use std::{borrow::Cow, fmt};

use crate::base::json::JsonError;

/// Why a delivery is not accepted. Answer it with 4xx and do nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum WebhookError {
    /// The secret to check it with is empty: anybody could sign with that.
    EmptySecret,
    /// Its time lies more than five minutes ahead: the clocks disagree, or it is forged.
    InTheFuture,
    /// The body is signed, but is not an event.
    MalformedBody(JsonError),
    /// This header is there, but is not what Fief sends, or is there more than once.
    MalformedHeader(&'static str),
    /// This header is missing.
    MissingHeader(&'static str),
    /// It is older than five minutes: a replay, or a delivery that was held up.
    TooOld,
    /// The signature is not of this body, this time and this secret.
    WrongSignature,
}

impl WebhookError {
    pub(crate) fn reason(&self) -> &'static str {
        self.described().0
    }

    /// The stable name and the message of each fault.
    fn described(&self) -> (&'static str, Cow<'static, str>) {
        let (name, message) = match self {
            Self::EmptySecret => ("empty_secret", "the secret to check it with is empty"),
            Self::InTheFuture => {
                ("in_the_future", "its time lies in the future; compare the clocks")
            }
            Self::MalformedBody(_) => ("malformed_body", "its body is not an event"),
            Self::MalformedHeader(name) => {
                return ("malformed_header", format!("its header `{name}` is malformed").into());
            }
            Self::MissingHeader(name) => {
                return ("missing_header", format!("its header `{name}` is missing").into());
            }
            Self::TooOld => ("too_old", "it is older than five minutes"),
            Self::WrongSignature => ("wrong_signature", "its signature does not match"),
        };
        (name, message.into())
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the webhook is refused: {}", self.described().1)
    }
}

impl std::error::Error for WebhookError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::MalformedBody(error) => Some(error),
            _ => None,
        }
    }
}
