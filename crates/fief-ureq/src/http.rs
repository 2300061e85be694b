//! One HTTP exchange, within the limits that the options and the core set.

use std::{
    io::Read as _,
    time::{Duration, Instant},
};

use fief_proto::{
    Endpoint, TransportError, TransportErrorKind,
    flow::{Request, Response},
};
use fief_transport::{
    TransportOptions,
    internals::{Body, MAX_HEAD, MAX_IDLE, MAX_IDLE_AGE, failure, host_of, wipe},
};
use http::{HeaderValue, Method, header};
use ureq::{Agent, Error, Timeout, config::AutoHeaderValue};

use crate::connector::{Connector, NoLookup};

/// The longest time limit. Beyond it, ureq's arithmetic on times would overflow.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The HTTP client: speaks HTTP/1.1, follows no redirect, and sends nothing twice, with one
/// exception.
///
/// Connections are kept for userinfo, whose request may be repeated if the server has just closed
/// the connection. Everything else goes over a fresh one.
pub(crate) struct Http {
    keeping: Agent,
    fresh: Agent,
    timeout: Option<Duration>,
    documents_timeout: Option<Duration>,
}

impl Http {
    /// Reads the options; opens nothing yet.
    pub fn new(options: &TransportOptions, base_url: &str) -> Result<Self, TransportError> {
        Ok(Self::with_connector(options, &Connector::new(options, base_url)?))
    }

    fn with_connector(options: &TransportOptions, connector: &Connector) -> Self {
        let capped = |limit: Option<Duration>| limit.map(|limit| limit.min(YEAR));
        let agent = |max_idle| {
            let config = Agent::config_builder()
                .accept(AutoHeaderValue::None)
                .accept_encoding(AutoHeaderValue::None)
                .allow_non_standard_methods(true)
                .http_status_as_error(false)
                // A whole head has to fit, and what has come with it.
                .input_buffer_size(2 * MAX_HEAD)
                .max_idle_age(MAX_IDLE_AGE)
                .max_idle_connections(max_idle)
                .max_idle_connections_per_host(max_idle)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .max_response_header_size(2 * MAX_HEAD)
                .output_buffer_size(16 * 1024)
                .proxy(None)
                .timeout_connect(capped(options.connect_timeout))
                .timeout_global(capped(options.timeout))
                .user_agent(AutoHeaderValue::None)
                .build();
            Agent::with_parts(config, connector.clone(), NoLookup)
        };
        Self {
            keeping: agent(MAX_IDLE),
            fresh: agent(0),
            timeout: capped(options.timeout),
            documents_timeout: capped(options.documents_timeout),
        }
    }

    /// Sends the request and reads the answer, whatever its status.
    pub fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (endpoint, body_limit) = (request.endpoint(), request.body_limit());
        self.exchange(endpoint, &request.into_http(), body_limit)
    }

    fn exchange(
        &self,
        endpoint: Endpoint,
        request: &http::Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response, TransportError> {
        let host = host_of(request.uri());
        let answer = match endpoint {
            Endpoint::Userinfo if *request.method() == Method::GET => self.ask(request, host),
            Endpoint::Discovery | Endpoint::Keys => {
                run(&self.fresh, request, Limit::Own(self.documents_timeout), host)
            }
            _ => run(&self.fresh, request, Limit::Agents, host),
        };
        let (mut parts, body) = answer?.into_parts();
        let mut reader = body.into_reader();
        let mut body = Body::new(parts.status, &mut parts.headers, body_limit, host)?;
        let mut chunk = Wiped { bytes: [0; 1024], used: 0 };
        loop {
            let amount =
                reader.read(&mut chunk.bytes).map_err(|error| failed(error.into(), host))?;
            chunk.used = chunk.used.max(amount);
            let bytes = chunk.bytes.get(..amount).unwrap_or_default();
            if bytes.is_empty() || !body.push(bytes, host)? {
                break;
            }
        }
        Ok(Response::from_parts(parts, body.finish(host)?))
    }

    /// Over a kept connection; if that fails before there is an answer, once more over a fresh one
    /// in the time that is left.
    fn ask(
        &self,
        request: &http::Request<Vec<u8>>,
        host: &str,
    ) -> Result<http::Response<ureq::Body>, TransportError> {
        let began = Instant::now();
        match run(&self.keeping, request, Limit::Agents, host) {
            Err(error) if may_be_the_connection(&error) => {
                let left = self.timeout.map(|limit| limit.saturating_sub(began.elapsed()));
                run(&self.fresh, request, Limit::Own(left), host)
            }
            outcome => outcome,
        }
    }
}

/// Whether a new connection may help: neither the time, nor trust, nor opening a connection has
/// failed.
fn may_be_the_connection(error: &TransportError) -> bool {
    matches!(error.kind(), TransportErrorKind::Io | TransportErrorKind::InvalidResponse)
}

/// How long an exchange may take.
#[derive(Clone, Copy)]
enum Limit {
    /// The limit of the agent's configuration. Any other costs a copy of the whole configuration.
    Agents,
    Own(Option<Duration>),
}

/// Sends a request, and reads the head of its answer.
fn run(
    agent: &Agent,
    request: &http::Request<Vec<u8>>,
    limit: Limit,
    host: &str,
) -> Result<http::Response<ureq::Body>, TransportError> {
    // With a body, even an empty one, ureq would send a `content-length`.
    let outcome = if *request.method() == Method::GET {
        run_with(agent, request, (), limit)
    } else {
        run_with(agent, request, request.body().as_slice(), limit)
    };
    outcome.map_err(|error| failed(error, host))
}

fn run_with<B: ureq::AsSendBody>(
    agent: &Agent,
    request: &http::Request<Vec<u8>>,
    body: B,
    limit: Limit,
) -> Result<http::Response<ureq::Body>, Error> {
    let mut outgoing = http::Request::new(body);
    *outgoing.method_mut() = request.method().clone();
    *outgoing.uri_mut() = request.uri().clone();
    outgoing.headers_mut().clone_from(request.headers());
    outgoing.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    match limit {
        Limit::Agents => agent.run(outgoing),
        Limit::Own(limit) => {
            agent.run(agent.configure_request(outgoing).timeout_global(limit).build())
        }
    }
}

/// A buffer that is wiped on drop.
struct Wiped<const N: usize> {
    bytes: [u8; N],
    /// How many bytes of it have been written to.
    used: usize,
}

impl<const N: usize> Drop for Wiped<N> {
    fn drop(&mut self) {
        wipe(self.bytes.get_mut(..self.used).unwrap_or_default());
    }
}

/// What an error of ureq means. Its own messages are dropped where they quote the request's URL.
fn failed(error: Error, host: &str) -> TransportError {
    match error {
        Error::BadUri(_) | Error::Http(_) => {
            failure::configuration(format!("a request to {host} can't be made"))
        }
        Error::Io(error) => failure::broken(host, error),
        Error::LargeResponseHeader(..) => failure::invalid_response(host, "its head is too large"),
        Error::Other(error) => match error.downcast::<TransportError>() {
            Ok(error) => *error,
            Err(_) => TransportError::new(TransportErrorKind::Io, host),
        },
        Error::Protocol(error) => {
            failure::invalid_response(host, "not readable as HTTP").because(error)
        }
        Error::Timeout(Timeout::Connect | Timeout::Resolve) => failure::connect_timeout(host),
        Error::Timeout(_) => failure::timeout(host),
        other => TransportError::new(TransportErrorKind::Io, host).because(other),
    }
}

#[cfg(test)]
mod tests;
