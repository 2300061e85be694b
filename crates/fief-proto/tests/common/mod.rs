//! A provider and tokens to test with: the signed material of the test vectors.

#![allow(dead_code, reason = "each test uses its part")]

use std::{fmt, io};

use fief_proto::{
    Client, Config, Endpoint, Error, Provider, TransportError, TransportErrorKind, UnixTime,
    flow::{self, Flow, Request, Response, Step, Ticket},
};
use serde_json::{Value, json};

/// The moment for which the tokens were made.
pub const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

pub const REDIRECT_URI: &str = "http://localhost:8000/callback";

pub fn later(seconds: i64) -> UnixTime {
    UnixTime::from_secs(NOW.as_secs() + seconds)
}

pub fn config() -> Config {
    Config::new("https://fief.example", "duchy-app").client_secret("porc-epic-secret-1498")
}

pub fn client() -> Client {
    config().build().unwrap()
}

pub fn token(name: &str) -> String {
    let tokens = include_str!("../../../fief-vectors/material/tokens.json");
    member(tokens, name).as_str().unwrap_or_else(|| panic!("no token {name}")).to_owned()
}

/// A key set of these keys.
pub fn keys(names: &[&str]) -> Vec<u8> {
    let keys: Vec<Value> = names.iter().map(|name| key(name)).collect();
    json!({ "keys": keys }).to_string().into_bytes()
}

/// A key as JWK.
pub fn key(name: &str) -> Value {
    member(include_str!("../../../fief-vectors/material/keys.json"), &format!("jwk_{name}"))
}

fn member(document: &str, name: &str) -> Value {
    serde_json::from_str::<Value>(document).unwrap()[name].clone()
}

pub fn discovery() -> Vec<u8> {
    let endpoint = |path: &str| format!("https://fief.example{path}");
    json!({
        "issuer": "https://fief.example",
        "authorization_endpoint": endpoint("/authorize"),
        "token_endpoint": endpoint("/api/token"),
        "userinfo_endpoint": endpoint("/api/userinfo"),
        "jwks_uri": endpoint("/.well-known/jwks.json"),
    })
    .to_string()
    .into_bytes()
}

pub fn provider(client: &Client) -> Provider {
    Provider::from_documents(client, &discovery(), &keys(&["first"]), NOW).unwrap()
}

pub fn ok(body: Vec<u8>) -> Response {
    Response::new(body)
}

pub fn status(status: u16, body: &str) -> Response {
    http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
}

/// The failure of a driver that gets no connection.
pub fn refused() -> TransportError {
    let cause = io::Error::from(io::ErrorKind::ConnectionRefused);
    TransportError::new(TransportErrorKind::Connect, "fief.example").because(cause)
}

/// What answers a request for a shared document while all is well.
pub fn document(endpoint: Endpoint) -> Response {
    match endpoint {
        Endpoint::Discovery => ok(discovery()),
        Endpoint::Keys => ok(keys(&["first"])),
        other => panic!("{other} is not a shared document"),
    }
}

/// The request of a step, which must be one.
#[track_caller]
pub fn sent<T: fmt::Debug>(step: Result<Step<T>, Error>) -> Request {
    match step {
        Ok(Step::Send(request)) => request,
        other => panic!("no request: {other:?}"),
    }
}

/// The ticket of a step, which must be a shared request.
#[track_caller]
pub fn ticket<T: fmt::Debug>(step: Result<Step<T>, Error>) -> Ticket {
    sent(step).ticket().expect("a ticket")
}

#[track_caller]
pub fn done<T: fmt::Debug>(step: Result<Step<T>, Error>) -> T {
    match step {
        Ok(Step::Done(output)) => output,
        other => panic!("not done: {other:?}"),
    }
}

/// Drives a flow as one thread would, and returns the endpoints that were asked.
pub fn drive<F: Flow>(
    client: &Client,
    provider: &mut Provider,
    now: UnixTime,
    flow: F,
    mut answer: impl FnMut(&Request) -> Result<Response, TransportError>,
) -> (Result<F::Output, Error>, Vec<Endpoint>) {
    let mut asked = Vec::new();
    let send = |request: Request| {
        asked.push(request.endpoint());
        answer(&request)
    };
    let outcome = flow::drive(flow, client, provider, || now, send);
    (outcome, asked)
}
