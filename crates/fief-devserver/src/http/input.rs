//! The input of a request: parameters of a query or a form, and JSON.

use std::convert::Infallible;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::answer::Refusal;
use crate::rules::Invalid;

/// Parameters by name. If one is repeated, the last counts, as on the real server.
#[derive(Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().rev().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// The value without blanks around it; empty if it is not there.
    pub(crate) fn trimmed(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default().trim()
    }
}

/// The parameters of the query.
pub(crate) struct Query(pub(crate) Parameters);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

/// The parameters of a form; none in a body of another type.
pub(crate) struct Form(pub(crate) Parameters);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let is_form = content_type.is_some_and(|value| {
            value.as_bytes().starts_with(b"application/x-www-form-urlencoded")
        });
        let body = read(request, state).await?;
        Ok(Self(if is_form { Parameters::parse(&body) } else { Parameters::default() }))
    }
}

/// A body that is parsed as JSON later, because something else may be refused first.
pub(crate) struct JsonBody {
    bytes: Bytes,
    is_json: bool,
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let is_json = is_json(request.headers());
        Ok(Self { bytes: read(request, state).await?, is_json })
    }
}

impl JsonBody {
    /// As JSON, whatever its `Content-Type`.
    pub(crate) fn as_json(&self) -> Result<Value, Refusal> {
        let given = str::from_utf8(&self.bytes).map_err(|_| Refusal::ServerError)?;
        parse(given)
    }

    /// As JSON if `Content-Type` says so or is missing, else as a string; null if there is no body.
    pub(crate) fn as_declared(&self) -> Result<Value, Refusal> {
        if self.bytes.is_empty() {
            return Ok(Value::Null);
        }
        match str::from_utf8(&self.bytes) {
            Ok(given) if self.is_json => parse(given),
            Ok(given) => Ok(json!(given)),
            Err(_) if self.is_json => Err(Refusal::UNREADABLE),
            Err(_) => Err(Refusal::ServerError),
        }
    }
}

/// The whole body, which was already read within its limit.
async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, state).await.map_err(|_| Refusal::UNREADABLE)
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).filter(|value| !value.is_empty()) else {
        return true;
    };
    let value = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let (media_type, _) = value.split_once(';').unwrap_or((&value, ""));
    let subtype = media_type.trim().strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

fn parse(given: &str) -> Result<Value, Refusal> {
    let given = given.strip_prefix('\u{feff}').unwrap_or(given);
    serde_json::from_str(given).map_err(|error| {
        let lines = given.split_inclusive('\n').take(error.line().saturating_sub(1));
        let position = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        let invalid = Invalid::new("json_invalid", "JSON decode error", &json!({}));
        Refusal::invalid(invalid.within(position).within("body"))
    })
}
