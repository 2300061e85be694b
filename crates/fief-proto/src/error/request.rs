//! The server says no.

use std::fmt;

use http::{HeaderMap, header};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::{
    Shown,
    scrub::{REDACTED, scrub},
};
use crate::{Endpoint, Response, Secret, json::Object};

/// The longest error body that is kept, in bytes.
pub(crate) const LONGEST_ERROR_BODY: usize = 8 * 1024;

/// The server refused a request: its status, and its own words.
#[derive(Clone)]
pub struct RequestError {
    endpoint: Endpoint,
    status: u16,
    oauth_error: Option<String>,
    description: Option<String>,
    detail: Option<Detail>,
    reasons: Vec<String>,
    retry_after: Option<String>,
    redirect_host: Option<String>,
    body: Zeroizing<Vec<u8>>,
}

/// What Fief's user API says in `detail`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// What was wrong with which part of the request (status 422).
    List(Vec<DetailItem>),
    /// A code, `USER_UPDATE_INVALID_PASSWORD` for example.
    Text(String),
}

/// One finding of a validation error. What was sent (`input`, `ctx`) is left out: it may be a
/// password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DetailItem {
    /// The code of the finding, `int_parsing` for example.
    pub kind: String,
    /// The path to the value, joined with dots: `body.fields.castles`.
    pub loc: String,
    /// The finding as a sentence.
    pub msg: String,
}

impl RequestError {
    /// Reads what it can of the answer; whatever it is, there is an error to show.
    ///
    /// `secrets` are those of the request. A server that echoes them does not get them into a log.
    pub(crate) fn read(endpoint: Endpoint, response: &Response, secrets: &[Secret]) -> Self {
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
        let scrub = |text: &str| scrub(text, secrets);
        Self {
            endpoint,
            status: response.status().as_u16(),
            oauth_error: member("error").as_str().map(scrub),
            description: member("error_description").as_str().map(scrub),
            detail: match &member("detail") {
                Value::String(text) => Some(Detail::Text(scrub(text))),
                Value::Array(items) => {
                    Some(Detail::List(items.iter().map(|item| detail_item(item, &scrub)).collect()))
                }
                _ => None,
            },
            reasons: match &member("reason") {
                Value::String(text) => vec![scrub(text)],
                Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(scrub).collect(),
                _ => Vec::new(),
            },
            retry_after: text_header(response.headers(), &header::RETRY_AFTER)
                .map(|text| scrub(&text)),
            redirect_host: redirect_host(response).map(|host| without_any_case(host, secrets)),
            body: Zeroizing::new(kept.to_vec()),
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

    /// Whether the code, refresh token or verifier is wrong, used up or expired: log in again.
    pub fn is_invalid_grant(&self) -> bool {
        self.oauth_error() == Some("invalid_grant")
    }

    /// What the user API says.
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_ref()
    }

    /// Further sentences, about a password that is too weak for example.
    pub fn reasons(&self) -> &[String] {
        &self.reasons
    }

    /// The header `Retry-After`: seconds or a date.
    pub fn retry_after(&self) -> Option<&str> {
        self.retry_after.as_deref()
    }

    /// The host that a redirect points to. No redirect is ever followed.
    pub fn redirect_host(&self) -> Option<&str> {
        self.redirect_host.as_deref()
    }

    /// The first 8 KiB of the body as sent. It may echo what was sent to the server, passwords
    /// included: do not log it.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn reason(&self) -> &'static str {
        if (300..400).contains(&self.status) { "redirect" } else { "status" }
    }
}

fn detail_item(item: &Value, scrub: &impl Fn(&str) -> String) -> DetailItem {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(scrub).unwrap_or_default();
    let loc = item.get("loc").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let loc: Vec<String> = loc
        .iter()
        .filter_map(|step| match step {
            Value::String(name) => Some(scrub(name)),
            Value::Number(index) => Some(index.to_string()),
            _ => None,
        })
        .collect();
    DetailItem { kind: text("type"), loc: loc.join("."), msg: text("msg") }
}

/// A host is written in lower case, whatever the case of what was made one.
fn without_any_case(host: String, secrets: &[Secret]) -> String {
    let echoes = |secret: &Secret| {
        let secret = secret.expose().to_ascii_lowercase();
        !secret.is_empty() && host.contains(&secret)
    };
    if secrets.iter().any(echoes) { REDACTED.to_owned() } else { host }
}

fn text_header(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn redirect_host(response: &Response) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = text_header(response.headers(), &header::LOCATION)?;
    // A host of its own, also without a scheme (`//host/path`); none where it stays where it is.
    let here = Url::parse("https://here.invalid").ok()?;
    let target = here.join(&location).ok()?;
    target.host_str().filter(|host| *host != "here.invalid").map(str::to_owned)
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} refused with status {}", self.endpoint, self.status)?;
        if let Some(host) = &self.redirect_host {
            write!(f, ": a redirect to {}, which is not followed", Shown(host))?;
        }
        if let Some(error) = &self.oauth_error {
            write!(f, ": {}", Shown(error))?;
        }
        if let Some(description) = &self.description {
            write!(f, " ({})", Shown(description))?;
        }
        match &self.detail {
            Some(Detail::Text(text)) => write!(f, ": {}", Shown(text))?,
            Some(Detail::List(items)) => {
                for item in items.iter().take(8) {
                    write!(
                        f,
                        "; {}: {} ({})",
                        Shown(&item.loc),
                        Shown(&item.msg),
                        Shown(&item.kind)
                    )?;
                }
            }
            None => {}
        }
        for reason in self.reasons.iter().take(8) {
            write!(f, "; {}", Shown(reason))?;
        }
        Ok(())
    }
}

impl fmt::Debug for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestError")
            .field("endpoint", &self.endpoint)
            .field("status", &self.status)
            .field("oauth_error", &self.oauth_error.as_deref().map(Shown))
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for RequestError {}
