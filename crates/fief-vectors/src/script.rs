//! The script of a call: which requests must come, and the answer to each.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::compare::brief;
use crate::format::{Exchange, Fault, Request, Response};

/// How long to wait for something that must come, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A request as it was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// The values of a header.
    pub fn header<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let name = name.to_owned();
        self.headers.iter().filter(move |(known, _)| *known == name).map(|(_, value)| &**value)
    }
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A fault instead of an answer.
    Fault(Fault),
    /// A response.
    Response(Reply),
}

/// A response with its body built.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers, content type included.
    pub headers: BTreeMap<String, String>,
    /// The body, not compressed.
    pub body: Vec<u8>,
    /// Whether it is sent compressed.
    pub gzip: bool,
    /// Whether the connection stays open.
    pub keep_connection: bool,
}

/// The exchanges still to come, and the differences so far.
#[derive(Debug, Default)]
pub struct Script(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    expected: VecDeque<Exchange>,
    mismatches: Vec<String>,
}

impl State {
    /// The exchange of this request: the next one. Shared documents may be fetched at the same
    /// time, one of them in the background, and then come in either order.
    fn next(&mut self, seen: &Seen) -> Option<Exchange> {
        let is_asked = |exchange: &&Exchange| {
            exchange.request.method == seen.method && exchange.request.path == seen.target
        };
        let shared = self.expected.iter().take_while(|exchange| exchange.is_shared());
        let at = shared.take(2).position(|exchange| is_asked(&exchange)).unwrap_or_default();
        self.expected.remove(at)
    }
}

impl Script {
    /// Expects these exchanges next.
    pub fn expect(&self, exchanges: &[Exchange]) {
        let mut state = self.lock();
        state.expected = exchanges.iter().cloned().collect();
    }

    /// Whether the server closes a kept connection instead of reading the next request from it.
    pub fn closes_kept_connection(&self) -> bool {
        self.lock().expected.front().is_some_and(|exchange| exchange.kept_connection_closed)
    }

    /// Checks a request against the script and answers it.
    pub fn answer(&self, seen: &Seen) -> Answer {
        let mut state = self.lock();
        let Some(exchange) = state.next(seen) else {
            state.mismatches.push(format!("unexpected {} {}", seen.method, seen.target));
            return Answer::Response(unexpected());
        };
        let found = mismatches(&exchange.request, seen);
        state.mismatches.extend(
            found.into_iter().map(|what| format!("{} {}: {what}", seen.method, seen.target)),
        );
        match (exchange.fault, &exchange.response) {
            (None, Some(response)) => Answer::Response(reply(response)),
            (fault, _) => Answer::Fault(fault.unwrap_or(Fault::Cut)),
        }
    }

    /// Records another difference.
    pub fn complain(&self, what: String) {
        self.lock().mismatches.push(what);
    }

    /// Waits for requests that are still expected, because a fetch may be made in the background.
    /// Returns whether all have come, each as expected.
    pub(crate) fn await_end(&self) -> bool {
        let patience = Instant::now();
        loop {
            let state = self.lock();
            let mut expected = state.expected.iter();
            if !state.mismatches.is_empty() {
                return false;
            }
            if expected.all(|next| next.fault == Some(Fault::Refused)) {
                return true;
            }
            drop(state);
            if patience.elapsed() > PATIENCE {
                return false;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends a call, and returns the differences from the script.
    pub fn finish(&self) -> Vec<String> {
        let mut state = self.lock();
        let missing: Vec<String> = state
            .expected
            .drain(..)
            .filter(|exchange| exchange.fault != Some(Fault::Refused))
            .map(|Exchange { request, .. }| {
                format!("expected {} {}, which was not sent", request.method, request.path)
            })
            .collect();
        state.mismatches.extend(missing);
        std::mem::take(&mut state.mismatches)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unexpected() -> Reply {
    Reply {
        status: 599,
        headers: BTreeMap::new(),
        body: b"this request is not in the script".to_vec(),
        gzip: false,
        keep_connection: false,
    }
}

fn reply(response: &Response) -> Reply {
    let mut headers = response.headers.clone();
    let body = match (&response.json, &response.body) {
        (Some(json), _) => {
            if !headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
                headers.insert("content-type".into(), "application/json".into());
            }
            json.to_string()
        }
        (None, body) => body.clone().unwrap_or_default(),
    };
    Reply {
        status: response.status,
        headers,
        body: body.into_bytes(),
        gzip: response.gzip,
        keep_connection: response.keep_connection,
    }
}

fn mismatches(request: &Request, seen: &Seen) -> Vec<String> {
    let mut found = Vec::new();
    if (&seen.method, &seen.target) != (&request.method, &request.path) {
        found.push(format!("expected {} {}", request.method, request.path));
    }
    for (name, expected) in &request.headers {
        let values: Vec<&str> = seen.header(name).collect();
        if values != expected.as_deref().into_iter().collect::<Vec<_>>() {
            found.push(format!("header `{name}`: expected {expected:?}, got {values:?}"));
        }
    }
    found.extend(body_mismatch(request, seen));
    found
}

fn body_mismatch(request: &Request, seen: &Seen) -> Option<String> {
    let content_type: Vec<&str> = seen.header("content-type").collect();
    let typed = |expected: &str| {
        (content_type != [expected])
            .then(|| format!("expected content type {expected}, got {content_type:?}"))
    };
    if let Some(form) = &request.form {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(&seen.body).into_owned().collect();
        let sent: BTreeMap<String, String> = pairs.iter().cloned().collect();
        if pairs.len() != sent.len() || sent != *form {
            return Some(format!("expected the form {form:?}, got {pairs:?}"));
        }
        return typed("application/x-www-form-urlencoded");
    }
    if let Some(json) = &request.json {
        let sent: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        if sent != *json {
            return Some(format!("expected the body {}, got {}", brief(json), brief(&sent)));
        }
        return typed("application/json");
    }
    (!seen.body.is_empty()).then(|| "expected no body".into())
}
