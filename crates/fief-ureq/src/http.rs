//! One HTTP exchange, within the limits that the options and the core set.

use std::{
    io::Read as _,
    sync::Arc,
    time::{Duration, Instant},
};

use fief_transport::{
    Body, TransportError, TransportErrorKind, TransportOptions, failure, host_of, tls,
};
use http::{HeaderValue, Method, Request, Response, header};
use ureq::{
    Agent, AsSendBody, Error, Timeout,
    unversioned::{resolver::DefaultResolver, transport::TcpConnector},
};

use crate::{
    connector::{Dial, NoLookup},
    proxies::{Proxies, is_https},
};

/// The greatest head of a response: status line and headers.
const MAX_HEAD: usize = 64 * 1024;
/// Connections kept for the next request. ureq's own 3 make a busy web application dial for ever.
const MAX_IDLE: usize = 32;
/// How long they are kept: less than the five seconds after which Fief's server closes them, so
/// that a request which can't be sent twice rarely meets a connection that is closing.
const MAX_IDLE_AGE: Duration = Duration::from_secs(4);
/// The longest time limit there is: beyond it ureq's sums overflow.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The HTTP client: speaks HTTP/1.1, keeps connections, follows no redirect.
pub(crate) struct Http {
    agent: Agent,
    proxies: Arc<Proxies>,
    timeout: Option<Duration>,
}

impl Http {
    /// Reads the options; opens nothing yet.
    pub fn new(options: &TransportOptions) -> Result<Self, TransportError> {
        let connect_timeout = options.connect_timeout.map(|limit| limit.min(YEAR));
        let config = Agent::config_builder()
            .accept("")
            .accept_encoding("")
            .allow_non_standard_methods(true)
            .http_status_as_error(false)
            .max_idle_age(MAX_IDLE_AGE)
            .max_idle_connections(MAX_IDLE)
            .max_idle_connections_per_host(MAX_IDLE)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(MAX_HEAD)
            .proxy(None)
            .timeout_connect(connect_timeout)
            .user_agent("")
            .build();
        let proxies = Arc::new(Proxies::new(&options.proxy)?);
        let dial = Dial {
            names: DefaultResolver::default(),
            proxies: Arc::clone(&proxies),
            tcp: TcpConnector::default(),
            tls: tls(options, &[])?,
        };
        Ok(Self {
            agent: Agent::with_parts(config, dial, NoLookup),
            proxies,
            timeout: options.timeout.map(|limit| limit.min(YEAR)),
        })
    }

    /// Sends the request and reads the answer, whatever its status.
    pub fn send(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let began = Instant::now();
        let first = Limits { timeout: self.timeout, max_idle_age: MAX_IDLE_AGE };
        match self.exchange(request, body_limit, first) {
            // ureq looks whether a kept connection is open, but it may close right then. A new one
            // tells; what changes something on the server is never sent twice.
            Err(error)
                if error.kind() == TransportErrorKind::Io && request.method() == Method::GET =>
            {
                let left = self.timeout.map(|limit| limit.saturating_sub(began.elapsed()));
                let second = Limits { timeout: left, max_idle_age: Duration::ZERO };
                self.exchange(request, body_limit, second)
            }
            outcome => outcome,
        }
    }

    fn exchange(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
        limits: Limits,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let host = host_of(request.uri());
        let answer = match *request.method() {
            // Even an empty body would announce its length.
            Method::GET => self.run(request, (), limits),
            _ => self.run(request, request.body(), limits),
        };
        let (mut parts, body) = answer?.into_parts();
        let mut reader = body.into_reader();
        let mut body = Body::new(parts.status, &mut parts.headers, body_limit, host)?;
        let mut chunk = [0; 4 * 1024];
        loop {
            let amount = reader.read(&mut chunk).map_err(|error| failure(error.into(), host))?;
            let bytes = chunk.get(..amount).unwrap_or_default();
            if bytes.is_empty() || !body.push(bytes, host)? {
                break;
            }
        }
        Ok(Response::from_parts(parts, body.finish(host)?))
    }

    fn run(
        &self,
        request: &Request<Vec<u8>>,
        body: impl AsSendBody,
        limits: Limits,
    ) -> Result<Response<ureq::Body>, TransportError> {
        let mut outgoing = Request::new(body);
        *outgoing.method_mut() = request.method().clone();
        *outgoing.uri_mut() = request.uri().clone();
        *outgoing.headers_mut() = request.headers().clone();
        let headers = outgoing.headers_mut();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if !is_https(request.uri()) {
            let proxy = self.proxies.server(request.uri())?;
            if let Some(authorization) = proxy.and_then(|proxy| proxy.authorization.clone()) {
                headers.insert(header::PROXY_AUTHORIZATION, authorization);
            }
        }
        let outgoing = self
            .agent
            .configure_request(outgoing)
            .timeout_global(limits.timeout)
            .max_idle_age(limits.max_idle_age)
            .build();
        self.agent.run(outgoing).map_err(|error| failure(error, host_of(request.uri())))
    }
}

/// What differs between a first and a second try.
#[derive(Clone, Copy)]
struct Limits {
    timeout: Option<Duration>,
    max_idle_age: Duration,
}

/// What an error of ureq means. Its own texts are dropped where they quote the request's URL.
fn failure(error: Error, host: &str) -> TransportError {
    match error {
        Error::BadUri(_) | Error::Http(_) => {
            failure::configuration(format!("a request to {host} can't be made"))
        }
        Error::Io(error) => failure::broken(host, error),
        Error::LargeResponseHeader(..) => failure::invalid_response(host, "its head is too large"),
        Error::Other(error) => match error.downcast::<TransportError>() {
            Ok(error) => *error,
            Err(_) => failure::io(host),
        },
        Error::Protocol(error) => {
            failure::invalid_response(host, "not readable as HTTP").because(error)
        }
        Error::Timeout(Timeout::Connect) => failure::connect_timeout(host),
        Error::Timeout(_) => failure::timeout(host),
        other => failure::io(host).because(other),
    }
}

#[cfg(test)]
mod tests;
