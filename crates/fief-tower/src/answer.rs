//! The answers to requests that are refused.

use http::{HeaderValue, Response, header, request::Parts};
use serde_json::{Map, Value};

use crate::AuthError;

/// Makes an answer out of an [`AuthError`], with a body of the service's type.
///
/// [`Json`] and [`Grpc`] implement it; a closure from error and head to response is one of your
/// own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't make an answer with a body of the type `{B}`",
    note = "`Json` needs a body that is `From<String>`, `Grpc` one that is `Default`; or give \
            `BearerAuth::answer` a function"
)]
pub trait Reject<B> {
    /// The answer.
    fn reject(&self, error: &AuthError, parts: &Parts) -> Response<B>;
}

impl<B, F: Fn(&AuthError, &Parts) -> Response<B>> Reject<B> for F {
    fn reject(&self, error: &AuthError, parts: &Parts) -> Response<B> {
        self(error, parts)
    }
}

/// Status, `WWW-Authenticate` and `Retry-After` of RFC 6750, RFC 9470 and RFC 9110, and a JSON
/// object with `error` and `error_description`; for any body that can be made of a string.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl<B: From<String>> Reject<B> for Json {
    fn reject(&self, error: &AuthError, _: &Parts) -> Response<B> {
        json(error)
    }
}

/// The status of gRPC in a response without a body: `UNAUTHENTICATED` (16), `PERMISSION_DENIED`
/// (7), `UNAVAILABLE` (14), `INVALID_ARGUMENT` (3) or `INTERNAL` (13). The metadata
/// `www-authenticate` holds what was missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grpc;

impl<B: Default> Reject<B> for Grpc {
    fn reject(&self, error: &AuthError, _: &Parts) -> Response<B> {
        let code = match error.status().as_u16() {
            400 => 3,
            401 => 16,
            403 => 7,
            502 | 503 => 14,
            _ => 13,
        };
        let mut response = Response::new(B::default());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert("grpc-status", HeaderValue::from(code));
        if let Ok(message) = HeaderValue::from_str(&percent_encoded(&error.description())) {
            headers.insert("grpc-message", message);
        }
        add_headers(error, headers);
        response
    }
}

/// The answer of [`Json`].
pub fn json<B: From<String>>(error: &AuthError) -> Response<B> {
    let mut body = Map::new();
    let mut add = |name: &str, value: &str| body.insert(name.to_owned(), value.into());
    if let Some(code) = error.code() {
        add("error", code);
    }
    add("error_description", &error.description());
    if let Some((name, value)) = error.missing() {
        add(name, value);
    }
    let mut response = Response::new(B::from(Value::Object(body).to_string()));
    *response.status_mut() = error.status();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    add_headers(error, headers);
    response
}

/// Adds the headers that every answer to an error has, whatever its body: `Cache-Control`,
/// `WWW-Authenticate` and `Retry-After`.
pub fn add_headers(error: &AuthError, headers: &mut http::HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(challenge) = error.challenge() {
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(wait) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
}

/// Percent-encoding as in gRPC: space to tilde stay as they are, except for the percent sign.
fn percent_encoded(message: &str) -> String {
    let encode = |byte: u8| match byte {
        b' '..=b'~' if byte != b'%' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    message.bytes().map(encode).collect()
}
