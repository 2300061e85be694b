//! One HTTP exchange, within the limits that the options and the core set.

use std::{
    error::Error as StdError,
    io::{self, ErrorKind},
    sync::Arc,
    time::Duration,
};

use fief_transport::{
    Body, TransportError, TransportErrorKind, TransportOptions, failure, host_of, tls,
};
use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use zeroize::Zeroizing;

use crate::{
    connector::{Dial, io_errors},
    line::Life,
    proxies::{Proxies, is_https},
};

/// The greatest head of a response, status line and headers, give or take one read.
const MAX_HEAD: usize = 64 * 1024;
/// Connections to one host kept for the next request.
const MAX_IDLE: usize = 32;
/// How long they are kept: less than the five seconds after which Fief's server closes them, so
/// that a request which can't be sent twice rarely meets a connection that is closing.
const MAX_IDLE_AGE: Duration = Duration::from_secs(4);

/// How much of a body a server that speaks HTTP/2 may send before it is read. hyper's own 2 MiB
/// are more than any body may have.
const MAX_UNREAD: u32 = 256 * 1024;

/// The HTTP client: speaks HTTP/2 where the server does, keeps connections, follows no redirect.
pub(crate) struct Http {
    client: Client<Dial, Full<Bytes>>,
    proxies: Arc<Proxies>,
    timeout: Option<Duration>,
}

impl Http {
    /// Reads the options; opens nothing yet. `http1_only` is for requests with a `Host` header of
    /// their own, which HTTP/2 has no place for.
    pub fn new(options: &TransportOptions, http1_only: bool) -> Result<Self, TransportError> {
        let alpn: &[&[u8]] = if http1_only { &[b"http/1.1"] } else { &[b"h2", b"http/1.1"] };
        let proxies = Arc::new(Proxies::new(&options.proxy)?);
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(options.connect_timeout);
        tcp.set_nodelay(true);
        let dial = Dial {
            proxies: Arc::clone(&proxies),
            tcp,
            timeout: options.connect_timeout,
            tls: tls(options, alpn)?,
        };
        let client = Client::builder(TokioExecutor::new())
            .http1_max_buf_size(MAX_HEAD)
            .http2_initial_stream_window_size(MAX_UNREAD)
            .http2_max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
            .pool_idle_timeout(MAX_IDLE_AGE)
            .pool_max_idle_per_host(MAX_IDLE)
            .pool_timer(TokioTimer::new())
            .retry_canceled_requests(false)
            .build(dial);
        Ok(Self { client, proxies, timeout: options.timeout })
    }

    /// Sends the request and reads the answer, whatever its status.
    pub async fn send(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let exchange = self.try_twice(request, body_limit);
        match self.timeout {
            None => exchange.await,
            Some(limit) => tokio::time::timeout(limit, exchange)
                .await
                .unwrap_or_else(|_| Err(failure::timeout(host_of(request.uri())))),
        }
    }

    async fn try_twice(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        match self.exchange(request, body_limit).await {
            // A kept connection may close while it is taken up again. What changes something on
            // the server is never sent twice.
            Err(error)
                if error.kind() == TransportErrorKind::Io && request.method() == Method::GET =>
            {
                self.exchange(request, body_limit).await
            }
            outcome => outcome,
        }
    }

    async fn exchange(
        &self,
        request: &Request<Vec<u8>>,
        body_limit: usize,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let host = host_of(request.uri());
        let answer = self.client.request(self.outgoing(request)?).await;
        let (mut parts, mut stream) = answer.map_err(|error| failure(error, host))?.into_parts();
        if let Some(life) = parts.extensions.get::<Arc<Life>>() {
            life.keep();
        }
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

    /// The request as hyper takes it. The body may hold a password: it is wiped when hyper is done.
    fn outgoing(&self, request: &Request<Vec<u8>>) -> Result<Request<Full<Bytes>>, TransportError> {
        let uri = request.uri();
        let proxy = if is_https(uri) { None } else { self.proxies.server(uri)? };
        let body = if request.body().is_empty() {
            Bytes::new()
        } else {
            Bytes::from_owner(Zeroizing::new(request.body().clone()))
        };
        let mut outgoing = Request::new(Full::new(body));
        *outgoing.method_mut() = request.method().clone();
        *outgoing.uri_mut() = uri.clone();
        *outgoing.headers_mut() = request.headers().clone();
        let headers = outgoing.headers_mut();
        if request.method() != Method::GET {
            // hyper keeps silent about an empty body.
            headers.insert(header::CONTENT_LENGTH, request.body().len().into());
        }
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if let Some(authorization) = proxy.as_ref().and_then(|proxy| proxy.basic_auth()) {
            headers.insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        Ok(outgoing)
    }
}

/// What an error of the client means; it comes before any answer.
fn failure(error: Error, host: &str) -> TransportError {
    if let Some(ours) = error.source().and_then(|source| source.downcast_ref::<TransportError>()) {
        return ours.clone();
    }
    broken(error, host)
}

/// What an error on an open connection means. A TLS alert is one too: a server that misses a client
/// certificate says so only when the first bytes are read.
fn broken(error: impl StdError + Send + Sync + 'static, host: &str) -> TransportError {
    let tls = |error: &io::Error| {
        error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some()
    };
    let senseless = |error: &io::Error| {
        matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput)
    };
    let failure = if io_errors(&error).any(tls) {
        failure::tls(host)
    } else if hyper_error(&error).is_some_and(hyper::Error::is_parse)
        || io_errors(&error).any(senseless)
    {
        failure::invalid_response(host, "not readable as HTTP")
    } else {
        failure::io(host)
    };
    failure.because(error)
}

fn hyper_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a hyper::Error> {
    error.downcast_ref().or_else(|| error.source()?.downcast_ref())
}

#[cfg(test)]
mod tests;
