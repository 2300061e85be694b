//! Bodies of JSON, read as the real server reads them.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use serde_json::{Value, json};

use super::{Refusal, malformed_json};

/// A body that has yet to be read, because something else may be refused first.
pub(crate) struct JsonBody {
    bytes: Bytes,
    is_json: bool,
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let is_json = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Refusal::TOO_LARGE)?;
        Ok(Self { bytes, is_json })
    }
}

impl JsonBody {
    /// As JSON, whatever it says it is.
    pub(crate) fn as_json(&self) -> Result<Value, Refusal> {
        let text = str::from_utf8(&self.bytes).map_err(|_| Refusal::ServerError)?;
        parse(text)
    }

    /// As JSON if it says so or says nothing, else as text; null if there is none.
    pub(crate) fn as_declared(&self) -> Result<Value, Refusal> {
        if self.bytes.is_empty() {
            return Ok(Value::Null);
        }
        match str::from_utf8(&self.bytes) {
            Ok(text) if self.is_json => parse(text),
            Ok(text) => Ok(json!(text)),
            Err(_) if self.is_json => Err(Refusal::UNREADABLE),
            Err(_) => Err(Refusal::ServerError),
        }
    }
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

fn parse(text: &str) -> Result<Value, Refusal> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|_| match malformed_json::first_fault(text) {
        Some((position, error)) => Refusal::Unprocessable(vec![json!({
            "type": "json_invalid",
            "loc": ["body", position],
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": error},
        })]),
        // Python reads it, and the real server then fails: `NaN`, half a surrogate pair, lists in
        // lists in lists.
        None => Refusal::ServerError,
    })
}
