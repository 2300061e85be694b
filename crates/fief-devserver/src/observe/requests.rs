//! The recorded requests, whole, with secrets redacted.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, request::Parts};
use serde_json::Value;
use url::form_urlencoded;

use super::faults::Endpoint;

/// How many requests are kept, and how many bytes of them; beyond that, the oldest is dropped.
const REQUESTS: usize = 10_000;
const BYTES: usize = 16 * 1024 * 1024;

/// What is shown in place of a secret.
const REDACTED: &str = "[redacted]";

/// Parameters, members and headers are secrets, or can be exchanged for one, if they are named so.
const SECRETS: [&str; 2] = ["code", "code_verifier"];

/// And if their names contain one of these.
const SECRET_PARTS: [&str; 8] =
    ["api_key", "api-key", "assertion", "authorization", "cookie", "password", "secret", "token"];

/// A request as it arrived. Secrets are redacted: the record shows that they were sent, but not
/// their values.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// The path, tenant included, without the query.
    pub path: String,
    /// The endpoint of the path, if it is one of the protocol.
    pub endpoint: Option<Endpoint>,
    /// Name and value of the parameters in the query.
    pub query: Vec<(String, String)>,
    /// Name in lower case and value of the headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: LoggedBody,
    /// The status of the answer; none where there was none, or none yet.
    pub status: Option<u16>,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LoggedBody {
    /// None.
    Empty,
    /// Name and value of the parameters in a form.
    Form(Vec<(String, String)>),
    /// A JSON object.
    Json(Value),
    /// Something else of so many bytes, which is not recorded because it may hold a secret.
    Other(usize),
}

impl LoggedRequest {
    pub(crate) fn new(parts: &Parts, body: &[u8]) -> Self {
        let path = parts.uri.path().to_owned();
        Self {
            method: parts.method.to_string(),
            endpoint: Endpoint::of(&path),
            path,
            query: parameters(parts.uri.query().unwrap_or_default().as_bytes()),
            headers: headers(&parts.headers),
            body: LoggedBody::of(&parts.headers, body),
            status: None,
        }
    }

    /// The value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter in the query or in a form; of one that repeats the last counts, as
    /// for the server.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let form = match &self.body {
            LoggedBody::Form(form) => form.as_slice(),
            _ => &[],
        };
        let mut all = self.query.iter().chain(form).rev();
        all.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body, if it is a JSON object.
    pub fn json(&self) -> Option<&Value> {
        match &self.body {
            LoggedBody::Json(value) => Some(value),
            _ => None,
        }
    }

    /// About how much memory it takes.
    fn size(&self) -> usize {
        let pairs = |pairs: &[(String, String)]| -> usize {
            pairs.iter().map(|(name, value)| name.len() + value.len() + 48).sum()
        };
        let body = match &self.body {
            LoggedBody::Form(form) => pairs(form),
            LoggedBody::Json(value) => value.to_string().len() * 4,
            LoggedBody::Empty | LoggedBody::Other(_) => 0,
        };
        200 + self.path.len() + pairs(&self.query) + pairs(&self.headers) + body
    }
}

impl LoggedBody {
    /// What is a JSON object is read as such whatever it says it is.
    fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        let content_type = headers.get("content-type").map_or(&b""[..], |value| value.as_bytes());
        if body.is_empty() {
            Self::Empty
        } else if content_type.starts_with(b"application/x-www-form-urlencoded") {
            Self::Form(parameters(body))
        } else {
            // A string alone may be a secret.
            let json = serde_json::from_slice(body).ok().filter(Value::is_object);
            json.map_or(Self::Other(body.len()), |mut json| {
                redact(&mut json);
                Self::Json(json)
            })
        }
    }
}

fn parameters(encoded: &[u8]) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(encoded).into_owned();
    let redacted = |(name, value): (String, String)| {
        let value = if is_secret(&name) { REDACTED.to_owned() } else { value };
        (name, value)
    };
    pairs.map(redacted).collect()
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let shown = match (name.as_str(), value.split_once([' ', '?'])) {
            ("authorization", Some((scheme @ ("Basic" | "Bearer"), _))) => {
                format!("{scheme} {REDACTED}")
            }
            // A page whose URL has a code in it.
            ("referer", Some((page, _))) => format!("{page}?{REDACTED}"),
            (name, _) if is_secret(name) => REDACTED.to_owned(),
            _ => value.into_owned(),
        };
        (name.as_str().to_owned(), shown)
    });
    shown.collect()
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if is_secret(name) {
                    *value = REDACTED.into();
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.contains(&name.as_str()) || SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// The last requests.
#[derive(Default)]
pub(crate) struct Requests(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Each with its size.
    all: VecDeque<(LoggedRequest, usize)>,
    bytes: usize,
    /// The number of the first one that is kept.
    first: u64,
}

impl Requests {
    /// Keeps a request that has arrived, and returns its number.
    pub(crate) fn add(&self, request: LoggedRequest) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let size = request.size();
        kept.all.push_back((request, size));
        kept.bytes += size;
        let number = kept.first + u64::try_from(kept.all.len() - 1).unwrap_or_default();
        while kept.all.len() > REQUESTS || kept.bytes > BYTES {
            kept.drop_first();
        }
        number
    }

    /// The request of that number was answered.
    pub(crate) fn answered(&self, number: u64, status: u16) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = number.checked_sub(kept.first).and_then(|index| usize::try_from(index).ok());
        if let Some((request, _)) = index.and_then(|index| kept.all.get_mut(index)) {
            request.status = Some(status);
        }
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<LoggedRequest> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.all.iter().map(|(request, _)| request.clone()).collect()
    }

    pub(crate) fn to(&self, endpoint: Endpoint) -> Vec<LoggedRequest> {
        let mut all = self.all();
        all.retain(|request| request.endpoint == Some(endpoint));
        all
    }

    pub(crate) fn clear(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !kept.all.is_empty() {
            kept.drop_first();
        }
    }
}

impl Kept {
    fn drop_first(&mut self) {
        let Some((_, size)) = self.all.pop_front() else { return };
        self.bytes = self.bytes.saturating_sub(size);
        self.first += 1;
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::{BYTES, LoggedRequest, Requests};

    #[test]
    fn it_never_grows_past_its_capacity() {
        let requests = Requests::default();
        let long = "a".repeat(50_000);
        let mut last = 0;
        for _ in 0..800 {
            let (parts, ()) = Request::get(format!("/{long}")).body(()).unwrap().into_parts();
            last = requests.add(LoggedRequest::new(&parts, &[]));
        }
        requests.answered(0, 200);
        requests.answered(last, 201);
        let kept = requests.all();
        assert!(kept.iter().map(LoggedRequest::size).sum::<usize>() <= BYTES);
        assert!(kept.len() > 100, "{}", kept.len());
        assert_eq!(kept.last().unwrap().status, Some(201));
        assert!(kept.iter().all(|request| request.status != Some(200)));
    }
}
