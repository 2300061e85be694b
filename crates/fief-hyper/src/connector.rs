//! How a connection comes about: TCP, perhaps a tunnel through a proxy, perhaps TLS.

use std::{
    error::Error,
    future::{Future, poll_fn},
    io::{self, ErrorKind},
    iter::successors,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use fief_transport::{Tls, TransportError, failure, host_of};
use http::Uri;
use hyper_util::{
    client::legacy::connect::{HttpConnector, proxy::Tunnel},
    rt::TokioIo,
};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::{
    line::Line,
    proxies::{Proxies, is_https},
};

/// Opens connections, each within the time allowed.
#[derive(Clone)]
pub(crate) struct Dial {
    pub proxies: Arc<Proxies>,
    pub tcp: HttpConnector,
    pub timeout: Option<Duration>,
    pub tls: Tls,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<Line>;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Line>, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let dial = self.clone();
        Box::pin(async move {
            let line = match dial.timeout {
                None => dial.connect(&target).await,
                Some(limit) => tokio::time::timeout(limit, dial.connect(&target))
                    .await
                    .unwrap_or_else(|_| Err(failure::connect_timeout(host_of(&target)))),
            };
            line.map(TokioIo::new)
        })
    }
}

impl Dial {
    async fn connect(self, target: &Uri) -> Result<Line, TransportError> {
        let https = is_https(target);
        let proxy = self.proxies.server(target)?;
        let tcp = match &proxy {
            None => open(self.tcp, target, target).await?,
            Some(proxy) if https => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), self.tcp);
                if let Some(authorization) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(authorization.clone());
                }
                open(tunnel, target, proxy.uri()).await?
            }
            Some(proxy) => open(self.tcp, proxy.uri(), proxy.uri()).await?,
        };
        if !https {
            return Ok(Line::new(tcp, proxy.is_some(), false));
        }
        let host = host_of(target);
        let name = target.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|error| failure::tls(host).because(error))?;
        let stream = TlsConnector::from(self.tls?)
            .connect(name, tcp)
            .await
            .map_err(|error| failure::handshake(host, error))?;
        let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok(Line::new(stream, false, h2))
    }
}

async fn open<S>(mut service: S, target: &Uri, dialled: &Uri) -> Result<TcpStream, TransportError>
where
    S: Service<Uri, Response = TokioIo<TcpStream>, Error: Error + Send + Sync + 'static>,
{
    let failed = |error: S::Error| {
        let host = host_of(dialled);
        // An address that stays silent among several is given up before the whole attempt is.
        if io_errors(&error).any(|error| error.kind() == ErrorKind::TimedOut) {
            failure::connect_timeout(host).because(error)
        } else {
            failure::connect(host).because(error)
        }
    };
    poll_fn(|context| service.poll_ready(context)).await.map_err(failed)?;
    service.call(target.clone()).await.map(TokioIo::into_inner).map_err(failed)
}

/// Every I/O error in a chain, the outermost first.
pub(crate) fn io_errors<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a io::Error> {
    chain(error).filter_map(|error| error.downcast_ref())
}

/// An error and its sources.
pub(crate) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}
