//! One HTTP exchange, within the limits that the options and the core set.

use std::{
    error::Error as StdError,
    io::{self, ErrorKind},
    time::Duration,
};

use fief_proto::{
    Endpoint, TransportError, TransportErrorKind,
    flow::{Request, Response},
};
use fief_transport::{
    TransportOptions,
    internals::{Body, MAX_HEAD, MAX_IDLE, MAX_IDLE_AGE, failure, host_of},
};
use http::{HeaderValue, Method, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::{
    client::legacy::{Client, Error},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::connector::Connector;

/// As many header fields as fit into the greatest head, at 64 bytes each. hyper allocates room for
/// all of them at each answer, interim ones included, so that it must not be more.
const MAX_FIELDS: usize = MAX_HEAD / 64;

type Outgoing = http::Request<Full<Bytes>>;
type Pool = Client<Connector, Full<Bytes>>;

/// The HTTP client: speaks HTTP/1.1, follows no redirect, and sends nothing twice, with one
/// exception.
///
/// Connections are kept for userinfo, whose request may be repeated if the server has just closed
/// the connection. Everything else goes over a fresh one.
pub(crate) struct Http {
    /// Reads up to 100 header fields, hyper's own limit: a higher one would make each answer
    /// slower. An answer with more is asked for again over a fresh connection.
    keeping: Pool,
    fresh: Pool,
    timeout: Option<Duration>,
    documents_timeout: Option<Duration>,
}

impl Http {
    /// Reads the options; opens nothing yet.
    pub fn new(options: &TransportOptions, base_url: &str) -> Result<Self, TransportError> {
        Ok(Self::with_connector(options, Connector::new(options, base_url)?))
    }

    fn with_connector(options: &TransportOptions, connector: Connector) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .http1_max_buf_size(MAX_HEAD)
            .pool_idle_timeout(MAX_IDLE_AGE)
            .pool_timer(TokioTimer::new())
            .retry_canceled_requests(false);
        Self {
            keeping: builder.pool_max_idle_per_host(MAX_IDLE).build(connector.keeping()),
            fresh: builder.pool_max_idle_per_host(0).http1_max_headers(MAX_FIELDS).build(connector),
            timeout: options.timeout,
            documents_timeout: options.documents_timeout,
        }
    }

    /// Sends the request and reads the answer, whatever its status.
    pub async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (endpoint, body_limit) = (request.endpoint(), request.body_limit());
        self.exchange(endpoint, request.into_http(), body_limit).await
    }

    async fn exchange(
        &self,
        endpoint: Endpoint,
        request: http::Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response, TransportError> {
        let limit = match endpoint {
            Endpoint::Discovery | Endpoint::Keys => self.documents_timeout,
            _ => self.timeout,
        };
        let uri = request.uri().clone();
        let host = host_of(&uri);
        let exchange = async {
            let answer = if endpoint == Endpoint::Userinfo && *request.method() == Method::GET {
                self.ask(request, host).await
            } else {
                send(&self.fresh, outgoing(request), host).await
            };
            read(answer?, body_limit, host).await
        };
        match limit {
            None => exchange.await,
            Some(limit) => {
                timeout(limit, exchange).await.unwrap_or_else(|_| Err(failure::timeout(host)))
            }
        }
    }

    /// Over a kept connection; if that fails before there is an answer, once more over a fresh one.
    async fn ask(
        &self,
        request: http::Request<Vec<u8>>,
        host: &str,
    ) -> Result<http::Response<Incoming>, TransportError> {
        let request = outgoing(request);
        match send(&self.keeping, request.clone(), host).await {
            Err(error) if may_be_the_connection(&error) => send(&self.fresh, request, host).await,
            outcome => outcome,
        }
    }
}

/// Whether a new connection may help: neither the time, nor trust, nor opening a connection has
/// failed.
fn may_be_the_connection(error: &TransportError) -> bool {
    matches!(error.kind(), TransportErrorKind::Io | TransportErrorKind::InvalidResponse)
}

/// The request as hyper has it. The body may hold a password: it is wiped when hyper is done.
fn outgoing(request: http::Request<Vec<u8>>) -> Outgoing {
    let (mut parts, body) = request.into_parts();
    if parts.method != Method::GET {
        // hyper sends no `content-length` for an empty body.
        parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    }
    parts.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    let body = if body.is_empty() { Bytes::new() } else { Bytes::from_owner(Zeroizing::new(body)) };
    http::Request::from_parts(parts, Full::new(body))
}

/// Sends a request, and reads the head of its answer.
async fn send(
    client: &Pool,
    request: Outgoing,
    host: &str,
) -> Result<http::Response<Incoming>, TransportError> {
    client.request(request).await.map_err(|error| failed(error, host))
}

async fn read(
    answer: http::Response<Incoming>,
    body_limit: usize,
    host: &str,
) -> Result<Response, TransportError> {
    let (mut parts, mut stream) = answer.into_parts();
    let mut body = Body::new(parts.status, &mut parts.headers, body_limit, host)?;
    while let Some(frame) = stream.frame().await {
        let frame = frame.map_err(|error| broken(error, host))?;
        if let Some(bytes) = frame.data_ref()
            && !body.push(bytes, host)?
        {
            break;
        }
    }
    Ok(Response::from_parts(parts, body.finish(host)?))
}

/// What an error of the client means; it comes before any answer.
fn failed(error: Error, host: &str) -> TransportError {
    match error.source().and_then(|source| source.downcast_ref::<TransportError>()) {
        Some(ours) => ours.clone(),
        None => broken(error, host),
    }
}

fn broken(error: impl StdError + Send + Sync + 'static, host: &str) -> TransportError {
    let not_http = failure::chain(&error).any(|error| {
        error.downcast_ref().is_some_and(hyper::Error::is_parse)
            || error.downcast_ref().is_some_and(is_senseless)
    });
    if not_http {
        failure::invalid_response(host, "not readable as HTTP").because(error)
    } else {
        failure::broken(host, error)
    }
}

fn is_senseless(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput)
        && !failure::is_tls(error)
}

#[cfg(test)]
mod tests;
