//! How a connection is opened: addresses, TCP, perhaps a tunnel through a proxy, perhaps TLS.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};

use fief_proto::TransportError;
use fief_transport::{
    TransportOptions,
    internals::{
        FAMILY_HEAD_START, MAX_TUNNEL_HEAD, Names, ProxyServer, Tls, addresses_without_asking,
        failure, host_of, system_names, tls,
    },
};
use http::{Uri, uri::Scheme};
use hyper_util::{
    client::legacy::connect::{HttpConnector, dns::Name},
    rt::TokioIo,
};
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::spawn_blocking,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::connection::{Connection, Stream};

/// Opens connections, each within the time allowed.
#[derive(Clone)]
pub(crate) struct Connector {
    tcp: HttpConnector<Resolver>,
    timeout: Option<Duration>,
    proxy: Option<Arc<ProxyServer>>,
    tls: Tls,
    keeping: bool,
}

impl Connector {
    pub fn new(options: &TransportOptions, base_url: &str) -> Result<Self, TransportError> {
        Self::with_names(options, base_url, system_names())
    }

    pub fn with_names(
        options: &TransportOptions,
        base_url: &str,
        names: Names,
    ) -> Result<Self, TransportError> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver(names));
        tcp.enforce_http(false);
        tcp.set_connect_timeout(options.connect_timeout);
        tcp.set_happy_eyeballs_timeout(Some(FAMILY_HEAD_START));
        tcp.set_nodelay(true);
        Ok(Self {
            tcp,
            timeout: options.connect_timeout,
            proxy: ProxyServer::towards(base_url, &options.proxy)?.map(Arc::new),
            tls: tls(options, base_url)?,
            keeping: false,
        })
    }

    /// For connections that carry one request after the other.
    pub fn keeping(&self) -> Self {
        Self { keeping: true, ..self.clone() }
    }

    async fn open(self, target: &Uri) -> Result<Connection, TransportError> {
        let (keeping, place) = (self.keeping, host_of(target));
        let is_https = target.scheme() == Some(&Scheme::HTTPS);
        let tcp = match &self.proxy {
            None => reach(self.tcp, target.clone()).await.map_err(|error| {
                if failure::chain(&error).any(is_timeout) {
                    failure::connect_timeout(place).because(error)
                } else {
                    failure::connect(place).because(error)
                }
            })?,
            Some(proxy) => tunnel(self.tcp, proxy, target).await?,
        };
        if !is_https {
            return Ok(Connection::new(Stream::Tcp(tcp), keeping));
        }
        let refused = |error| failure::handshake(place, error);
        let name = target.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|error| refused(io::Error::other(error)))?;
        let tls = TlsConnector::from(self.tls?).connect(name, tcp).await.map_err(refused)?;
        Ok(Connection::new(Stream::Tls(Box::new(tls)), keeping))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Connection>;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let (connector, limit) = (self.clone(), self.timeout);
        Box::pin(async move {
            let connection = match limit {
                None => connector.open(&target).await,
                Some(limit) => timeout(limit, connector.open(&target))
                    .await
                    .unwrap_or_else(|_| Err(failure::connect_timeout(host_of(&target)))),
            };
            connection.map(TokioIo::new)
        })
    }
}

/// Asks the proxy for a tunnel to the target, whose name the proxy looks up.
async fn tunnel(
    tcp: HttpConnector<Resolver>,
    proxy: &ProxyServer,
    target: &Uri,
) -> Result<TcpStream, TransportError> {
    let unreachable = || proxy.failure("it can't be reached");
    let address =
        Uri::builder().scheme(Scheme::HTTP).authority(proxy.address()).path_and_query("/");
    let address = address.build().map_err(|error| unreachable().because(error))?;
    let mut stream = reach(tcp, address).await.map_err(|error| unreachable().because(error))?;
    let failed = |error: io::Error| unreachable().because(error);
    let (host, port) = (target.host().unwrap_or_default(), target.port_u16().unwrap_or(443));
    stream.write_all(&proxy.connect_request(host, port)).await.map_err(failed)?;
    let mut answer = Vec::with_capacity(MAX_TUNNEL_HEAD);
    while proxy.answer(&answer)?.is_none() {
        if stream.read_buf(&mut answer).await.map_err(failed)? == 0 {
            return Err(proxy.failure("it closes the connection"));
        }
    }
    Ok(stream)
}

type ConnectError = <HttpConnector<Resolver> as Service<Uri>>::Error;

async fn reach(mut tcp: HttpConnector<Resolver>, to: Uri) -> Result<TcpStream, ConnectError> {
    poll_fn(|context| tcp.poll_ready(context)).await?;
    Ok(tcp.call(to).await?.into_inner())
}

/// Whether a time limit ended the attempt: that of one of several addresses comes before that of
/// the whole.
fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::TimedOut)
}

/// Looks up names in a thread that may block.
#[derive(Clone)]
struct Resolver(Names);

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let names = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = match addresses_without_asking(name.as_str()) {
                Some(addresses) => addresses,
                None => spawn_blocking(move || names(name.as_str())).await??,
            };
            Ok(addresses.into_iter())
        })
    }
}
