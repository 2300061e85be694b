//! The steps of a flow by hand, and a provider to test with.

#![allow(dead_code, unused_imports, reason = "each test uses its part")]

use std::{fmt, io};

use fief_proto::{
    Client, Endpoint, Error, Provider, TransportError, TransportErrorKind, UnixTime,
    flow::{self, Flow, Request, Response, Step, Ticket},
};

pub use fief_testkit::material::{
    NOW, REDIRECT_URI, config, discovery, document, key, keys, ok, provider, status, token,
};

pub fn later(seconds: i64) -> UnixTime {
    UnixTime::from_secs(NOW.as_secs() + seconds)
}

pub fn client() -> Client {
    config().build().unwrap()
}

/// What a driver meets that gets no connection.
pub fn refused() -> TransportError {
    let cause = io::Error::from(io::ErrorKind::ConnectionRefused);
    TransportError::new(TransportErrorKind::Connect, "fief.example").because(cause)
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
