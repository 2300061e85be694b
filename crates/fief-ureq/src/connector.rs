//! How a connection comes about: name, TCP, perhaps a tunnel through a proxy, perhaps TLS.
//!
//! ureq's own connectors can't add roots to the platform's, send everything through `CONNECT`, and
//! don't tell which stage failed.

use std::{
    fmt,
    io::{self, Read as _, Write as _},
    sync::Arc,
    time::Duration,
};

use fief_transport::{Tls, TransportError, failure, host_of};
use http::Uri;
use rustls::{ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;
use ureq::{
    Error,
    config::Config,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{
            ConnectionDetails, Connector, LazyBuffers, NextTimeout, TcpConnector, Transport,
            TransportAdapter,
            time::{Duration as Allowance, Instant},
        },
    },
};

use crate::{
    line::{Line, TlsTransport},
    proxies::{Proxies, ProxyServer, is_https},
};

/// The greatest answer of a proxy to `CONNECT`.
const MAX_TUNNEL_HEAD: usize = 8 * 1024;

/// Looks nothing up: ureq asks before each request, also where it takes up a kept connection, and a
/// lookup with a timeout starts a thread. [`Dial`] looks up what it dials.
#[derive(Debug)]
pub(crate) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Opens connections.
pub(crate) struct Dial {
    pub proxies: Arc<Proxies>,
    pub names: DefaultResolver,
    pub tcp: TcpConnector,
    pub tls: Tls,
}

impl Connector for Dial {
    type Out = Line;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<()>,
    ) -> Result<Option<Line>, Error> {
        let target = details.uri;
        let proxy = self.proxies.server(target).map_err(carried)?;
        // With a proxy, it is the proxy that looks up the target.
        let dialled = proxy.map_or(target, |proxy| &proxy.uri);
        let tcp = self
            .names
            .resolve(dialled, details.config, details.timeout)
            .and_then(|addresses| self.tcp.connect(&at(addresses, details), chained))
            .and_then(|tcp| tcp.ok_or(Error::ConnectionFailed))
            .map_err(|error| carried(not_connected(error, host_of(dialled))))?;
        let dialled = host_of(dialled);
        let mut transport: Box<dyn Transport> = Box::new(tcp);
        if !is_https(target) {
            let absolute = proxy.is_some().then(|| format!("http://{}", host_of(target)));
            return Ok(Some(Line::new(transport, host_of(target), absolute)));
        }
        if let Some(proxy) = proxy {
            transport = tunnel(transport, details, proxy)
                .map_err(|error| carried(not_connected(error.into(), dialled)))?;
        }
        let transport = self.handshake(transport, details).map_err(carried)?;
        Ok(Some(Line::new(transport, host_of(target), None)))
    }
}

impl Dial {
    fn handshake(
        &self,
        transport: Box<dyn Transport>,
        details: &ConnectionDetails,
    ) -> Result<Box<dyn Transport>, TransportError> {
        let host = host_of(details.uri);
        let tls = Arc::clone(self.tls.as_ref().map_err(Clone::clone)?);
        let name = details.uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|error| failure::tls(host).because(error))?;
        let mut conn =
            ClientConnection::new(tls, name).map_err(|error| failure::tls(host).because(error))?;
        let mut sock = adapter(transport, details);
        conn.complete_io(&mut sock).map_err(|error| match Error::from(error) {
            Error::Timeout(_) => failure::connect_timeout(host),
            Error::Io(error) => failure::handshake(host, error),
            other => failure::tls(host).because(other),
        })?;
        let buffers = LazyBuffers::new(
            details.config.input_buffer_size(),
            details.config.output_buffer_size(),
        );
        Ok(Box::new(TlsTransport { buffers, stream: StreamOwned { conn, sock } }))
    }
}

/// Asks the proxy for a way through to the target.
fn tunnel(
    transport: Box<dyn Transport>,
    details: &ConnectionDetails,
    proxy: &ProxyServer,
) -> io::Result<Box<dyn Transport>> {
    let host = details.uri.host().unwrap_or_default();
    let place = format!("{host}:{}", details.uri.port_u16().unwrap_or(443));
    let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n").into_bytes();
    if let Some(authorization) = &proxy.authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let mut stream = adapter(transport, details);
    stream.write_all(&request)?;

    // Byte by byte out of the buffer: what follows the head belongs to the TLS handshake.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
        if head.len() > MAX_TUNNEL_HEAD {
            return Err(io::Error::other("the proxy's answer is too large"));
        }
    }
    match head.split(|byte| b" \r".contains(byte)).nth(1) {
        Some(b"200") => Ok(stream.into_inner()),
        Some(b"407") => Err(io::Error::other("the proxy wants other credentials")),
        _ => Err(io::Error::other("the proxy refuses the connection")),
    }
}

/// The same with these addresses, and what is left of the time for connecting.
fn at<'a>(addrs: ResolvedSocketAddrs, details: &ConnectionDetails<'a>) -> ConnectionDetails<'a> {
    ConnectionDetails {
        addrs,
        config: details.config,
        current_time: Arc::clone(&details.current_time),
        now: (details.current_time)(),
        register_shutdown: Arc::clone(&details.register_shutdown),
        request_level: details.request_level,
        resolver: details.resolver,
        run_connector: Arc::clone(&details.run_connector),
        timeout: time_left(details),
        uri: details.uri,
    }
}

/// The transport as a stream, with what is left of the time for connecting.
fn adapter(transport: Box<dyn Transport>, details: &ConnectionDetails) -> TransportAdapter {
    let mut adapter = TransportAdapter::new(transport, Arc::clone(&details.current_time));
    adapter.set_timeout(time_left(details));
    adapter
}

fn time_left(details: &ConnectionDetails) -> NextTimeout {
    let mut timeout = details.timeout;
    if let (Allowance::Exact(allowed), Instant::Exact(began), Instant::Exact(now)) =
        (timeout.after, details.now, (details.current_time)())
    {
        let left: Duration = allowed.saturating_sub(now.saturating_duration_since(began));
        timeout.after = left.into();
    }
    timeout
}

fn not_connected(error: Error, host: &str) -> TransportError {
    match error {
        Error::Timeout(_) => failure::connect_timeout(host),
        Error::Io(error) => failure::connect(host).because(error),
        Error::HostNotFound => failure::connect(host).because(error),
        _ => failure::connect(host),
    }
}

/// Our error on its way through ureq.
fn carried(error: TransportError) -> Error {
    Error::Other(Box::new(error))
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dial")
    }
}
