//! A webhook delivery that is not to be trusted.

use std::fmt;

use crate::json::JsonError;

/// Why a delivery is not taken. Answer it with 4xx and do nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WebhookError {
    /// The secret given is empty: anyone could sign with it.
    EmptySecret,
    /// Its time lies more than five minutes ahead: the clocks disagree, or it is forged.
    InTheFuture,
    /// The body, though signed, is no event.
    MalformedBody(JsonError),
    /// This header is there, but is not what Fief sends, or stands twice.
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
        match self {
            Self::EmptySecret => "empty_secret",
            Self::InTheFuture => "in_the_future",
            Self::MalformedBody(_) => "malformed_body",
            Self::MalformedHeader(_) => "malformed_header",
            Self::MissingHeader(_) => "missing_header",
            Self::TooOld => "too_old",
            Self::WrongSignature => "wrong_signature",
        }
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the webhook is refused: ")?;
        match self {
            Self::EmptySecret => f.write_str("the secret to check it with is empty"),
            Self::InTheFuture => f.write_str("its time lies in the future; compare the clocks"),
            Self::MalformedBody(_) => f.write_str("its body is no event"),
            Self::MalformedHeader(name) => write!(f, "its header `{name}` is malformed"),
            Self::MissingHeader(name) => write!(f, "its header `{name}` is missing"),
            Self::TooOld => f.write_str("it is older than five minutes"),
            Self::WrongSignature => f.write_str("its signature does not match"),
        }
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
