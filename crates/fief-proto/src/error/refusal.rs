//! The server refuses a request.

use std::{fmt, time::Duration};

use http::{HeaderMap, Response, header};
use serde_json::Value;
use url::Url;

use super::shown::{Code, is_code, is_host, is_identifier};
use crate::{
    base::{json::Object, secret::Wiped},
    http::endpoint::Endpoint,
};

/// The longest error body that is kept, in bytes.
pub(crate) const LONGEST_ERROR_BODY: usize = 8 * 1024;

/// The server refused a request: its status, and what it says.
///
/// The message shows the status and codes. Sentences of the server may repeat what was sent, a
/// password for example: they are reachable by the accessors alone.
#[derive(Clone, Eq, PartialEq)]
pub struct Refusal {
    endpoint: Endpoint,
    status: u16,
    oauth_error: Option<String>,
    description: Option<String>,
    detail: Option<Detail>,
    reasons: Vec<String>,
    retry_after: Option<Duration>,
    redirect_host: Option<String>,
    body: Wiped,
}

/// What Fief's user API says in `detail`.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// A code, `USER_UPDATE_INVALID_PASSWORD` for example.
    Code(String),
    /// What was wrong with which part of the request (status 422).
    List(Vec<DetailItem>),
}

/// One finding of a validation error. What was sent (`input`, `ctx`) is left out: it may be a
/// password.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct DetailItem {
    /// The code of the finding, its `type`: `int_parsing` for example.
    pub kind: String,
    /// The path to the value, joined with dots: `body.fields.castles`.
    pub loc: String,
    /// The finding as a sentence, which may quote what was sent.
    pub msg: String,
}

impl Refusal {
    /// Reads what it can of the answer. It never fails, so that there is always an error to show.
    pub(crate) fn read(endpoint: Endpoint, response: &Response<Vec<u8>>) -> Self {
        let bytes = response.body();
        let kept = bytes.get(..LONGEST_ERROR_BODY).unwrap_or(bytes);
        let object = Object::parse(kept).ok();
        let member = |name| -> Value {
            let object = object.as_ref();
            object
                .and_then(|object| object.optional(name, "JSON").ok())
                .flatten()
                .unwrap_or_default()
        };
        let string = |name| member(name).as_str().map(str::to_owned);
        Self {
            endpoint,
            status: response.status().as_u16(),
            oauth_error: string("error"),
            description: string("error_description"),
            detail: match member("detail") {
                Value::String(code) => Some(Detail::Code(code)),
                Value::Array(items) => Some(Detail::List(items.iter().map(detail_item).collect())),
                _ => None,
            },
            reasons: match member("reason") {
                Value::String(sentence) => vec![sentence],
                Value::Array(sentences) => {
                    sentences.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                _ => Vec::new(),
            },
            retry_after: retry_after(response.headers()),
            redirect_host: redirect_host(response),
            body: kept.to_vec().into(),
        }
    }

    /// The endpoint that refused.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The `error` code of RFC 6749 section 5.2, `invalid_grant` for example.
    pub fn oauth_error(&self) -> Option<&str> {
        self.oauth_error.as_deref()
    }

    /// The server's sentence about the code, `error_description`. It may repeat what was sent.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Whether the code, refresh token or verifier is wrong, used up or expired: sign in again.
    pub fn is_invalid_grant(&self) -> bool {
        self.oauth_error() == Some("invalid_grant")
    }

    /// What the user API says.
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_ref()
    }

    /// Further sentences, about a password that is too weak for example. They may repeat it.
    pub fn reasons(&self) -> &[String] {
        &self.reasons
    }

    /// How long to wait before the next try, where the server says so in seconds (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The host that a redirect points to. No redirect is ever followed.
    pub fn redirect_host(&self) -> Option<&str> {
        self.redirect_host.as_deref()
    }

    /// The first 8 KiB of the body as sent. It may repeat what was sent to the server, passwords
    /// included: do not log it.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn reason(&self) -> &'static str {
        if self.is_redirect() { "redirect" } else { "status" }
    }

    fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status)
    }
}

fn detail_item(item: &Value) -> DetailItem {
    let string = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let loc = item.get("loc").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let loc: Vec<String> = loc
        .iter()
        .filter_map(|step| match step {
            Value::String(name) => Some(name.clone()),
            Value::Number(index) => Some(index.to_string()),
            _ => None,
        })
        .collect();
    DetailItem { kind: string("type"), loc: loc.join("."), msg: string("msg") }
}

fn header_string<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    header_string(headers, &header::RETRY_AFTER)?.trim().parse().ok().map(Duration::from_secs)
}

fn redirect_host(response: &Response<Vec<u8>>) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = header_string(response.headers(), &header::LOCATION)?;
    // The host that the redirect names, also without a scheme (`//host/path`); none if it stays on
    // its host.
    let here = Url::parse("https://here.invalid").ok()?;
    let target = here.join(location).ok()?;
    target.host_str().filter(|host| *host != "here.invalid").map(str::to_owned)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} refused with status {}", self.endpoint, self.status)?;
        if self.is_redirect() {
            let host = self.redirect_host.as_deref().filter(|host| is_host(host));
            let host = host.map_or_else(String::new, |host| format!(" to {host}"));
            write!(
                f,
                ": it redirects{host}, which is never followed; check the scheme, host and path of \
                 the base URL"
            )?;
        }
        let mut codes = vec![self.oauth_error.as_deref()];
        match &self.detail {
            Some(Detail::Code(code)) => codes.push(Some(code)),
            Some(Detail::List(items)) => {
                for item in items.iter().take(8) {
                    write!(f, "; {item}")?;
                }
            }
            None => {}
        }
        for code in codes.into_iter().flatten().filter(|code| is_code(code)) {
            write!(f, ": {code}")?;
        }
        Ok(())
    }
}

impl fmt::Display for DetailItem {
    /// The path and the code; the sentence may quote what was sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_step = |step: &str| is_identifier(step) || step.parse::<u16>().is_ok();
        if self.loc.split('.').all(is_step) {
            write!(f, "{}: ", self.loc)?;
        }
        Code(&self.kind).fmt(f)
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => Code(code).fmt(f),
            Self::List(items) => items.fmt(f),
        }
    }
}

impl fmt::Debug for DetailItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl fmt::Debug for Refusal {
    /// Without the body, sentences and the redirect's host.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("endpoint", &self.endpoint)
            .field("status", &self.status)
            .field("oauth_error", &self.oauth_error.as_deref().map(Code))
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Refusal {}
