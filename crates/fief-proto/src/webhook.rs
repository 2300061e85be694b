//! Webhook deliveries: is this from Fief, and from now?

use std::{fmt, time::Duration};

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use serde_json::Value;
use sha2::Sha256;

use crate::{
    base::{
        json::{JsonError, Object, is_finite},
        time::UnixTime,
    },
    error::{Error, shown::Shown, webhook::WebhookError},
};

const TIMESTAMP: &str = "x-fief-webhook-timestamp";
const SIGNATURE: &str = "x-fief-webhook-signature";

/// How far a delivery's time may lie from now.
const LONGEST_WAY: Duration = Duration::from_secs(5 * 60);

/// An event that Fief has sent.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// What happened: `user.created`, for example.
    pub event_type: String,
    /// The object it happened to, as Fief's admin API shows it.
    pub data: Value,
}

impl fmt::Debug for WebhookEvent {
    /// Without the data, which for an event of a client holds its secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("event_type", &Shown(&self.event_type))
            .finish_non_exhaustive()
    }
}

/// Checks a webhook delivery and reads its event.
///
/// `body` is the raw body, byte for byte: parse it only afterwards. The signature is the lower-case
/// hex HMAC-SHA-256, keyed with the secret as it is, over `timestamp.body`.
///
/// Within the five minutes that a delivery is accepted, it can be replayed; make what you do with
/// an event harmless to repeat.
///
/// # Errors
///
/// [`Error::Webhook`]: answer with 4xx and do nothing.
pub fn verify_webhook(
    secret: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: UnixTime,
) -> Result<WebhookEvent, Error> {
    Ok(verify(secret, headers, body, now)?)
}

fn verify(
    secret: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: UnixTime,
) -> Result<WebhookEvent, WebhookError> {
    if secret.is_empty() {
        return Err(WebhookError::EmptySecret);
    }
    let timestamp = header(headers, TIMESTAMP)?;
    let signature =
        hex(header(headers, SIGNATURE)?).ok_or(WebhookError::MalformedHeader(SIGNATURE))?;
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map_err(|_| WebhookError::EmptySecret)?
        .chain_update(timestamp)
        .chain_update(b".")
        .chain_update(body)
        .verify_slice(&signature)
        .map_err(|_| WebhookError::WrongSignature)?;
    let sent_at = Some(timestamp)
        .filter(|string| string.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|string| string.parse().ok())
        .map(UnixTime::from_secs)
        .ok_or(WebhookError::MalformedHeader(TIMESTAMP))?;
    let span = LONGEST_WAY + Duration::from_secs(1);
    if !now.is_within(span, sent_at) && !sent_at.is_within(span, now) {
        return Err(if sent_at > now { WebhookError::InTheFuture } else { WebhookError::TooOld });
    }
    let event = Object::parse(body).map_err(WebhookError::MalformedBody)?;
    let data: Value = event.required("data", "a value").map_err(WebhookError::MalformedBody)?;
    if !is_finite(&data) {
        return Err(WebhookError::MalformedBody(JsonError::malformed("data", "a value")));
    }
    Ok(WebhookEvent {
        event_type: event.required("type", "a string").map_err(WebhookError::MalformedBody)?,
        data,
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, WebhookError> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(WebhookError::MissingHeader(name))?;
    if values.next().is_some() {
        return Err(WebhookError::MalformedHeader(name));
    }
    value.to_str().map_err(|_| WebhookError::MalformedHeader(name))
}

/// The 32 bytes of a lower-case hex digest.
fn hex(string: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut digest = [0; 32];
    let (pairs, rest) = string.as_bytes().as_chunks::<2>();
    if pairs.len() != digest.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(digest)
}
