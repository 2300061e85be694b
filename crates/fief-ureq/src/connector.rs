//! How a connection is opened: addresses, TCP, perhaps a tunnel through a proxy, perhaps TLS.
//!
//! ureq's own connectors try one address after the other, can't add roots to the platform's, and
//! don't report which stage failed.

use std::{
    fmt,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
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
use rustls::{ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;
use ureq::{
    Error,
    config::Config,
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{ConnectionDetails, NextTimeout},
    },
};

use crate::connection::{Connection, Stream, Timed, deadline};

/// Looks nothing up: ureq asks before each request, also where it uses a kept connection.
/// [`Connector`] looks up what it connects to.
#[derive(Debug)]
pub(crate) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Opens connections.
#[derive(Clone)]
pub(crate) struct Connector {
    pub names: Names,
    proxy: Option<Arc<ProxyServer>>,
    tls: Tls,
}

impl Connector {
    pub fn new(options: &TransportOptions, base_url: &str) -> Result<Self, TransportError> {
        Ok(Self {
            names: system_names(),
            proxy: ProxyServer::towards(base_url, &options.proxy)?.map(Arc::new),
            tls: tls(options, base_url)?,
        })
    }

    fn open(&self, target: &Uri, until: Option<Instant>) -> Result<Stream, TransportError> {
        let place = host_of(target);
        let is_https = target.scheme() == Some(&Scheme::HTTPS);
        let host = target.host().unwrap_or_default();
        let port = target.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let timed = match &self.proxy {
            None => {
                let tcp = self.reach(host, port, until).map_err(|error| {
                    if error.kind() == io::ErrorKind::TimedOut {
                        failure::connect_timeout(place).because(error)
                    } else {
                        failure::connect(place).because(error)
                    }
                })?;
                Timed::new(tcp, until)
            }
            // The proxy looks up the target.
            Some(proxy) => {
                let failed = |error: io::Error| match error.kind() {
                    io::ErrorKind::TimedOut => {
                        failure::connect_timeout(&proxy.address()).because(error)
                    }
                    _ => proxy.failure("it can't be reached").because(error),
                };
                let tcp = self.reach(&proxy.host, proxy.port, until).map_err(failed)?;
                let mut timed = Timed::new(tcp, until);
                timed.write_all(&proxy.connect_request(host, port)).map_err(failed)?;
                let (mut answer, mut filled) = ([0; MAX_TUNNEL_HEAD], 0);
                while proxy.answer(answer.get(..filled).unwrap_or_default())?.is_none() {
                    let room = answer.get_mut(filled..).unwrap_or_default();
                    match timed.read(room).map_err(failed)? {
                        0 => return Err(proxy.failure("it closes the connection")),
                        read => filled += read,
                    }
                }
                timed
            }
        };
        if !is_https {
            return Ok(Stream::Tcp(timed));
        }
        let refused = |error: io::Error| match error.kind() {
            io::ErrorKind::TimedOut => failure::connect_timeout(place),
            _ => failure::handshake(place, error),
        };
        let config = Arc::clone(self.tls.as_ref().map_err(Clone::clone)?);
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|error| refused(io::Error::other(error)))?;
        let session = ClientConnection::new(config, name)
            .map_err(|error| refused(io::Error::other(error)))?;
        let mut tls = Box::new(StreamOwned::new(session, timed));
        tls.conn.complete_io(&mut tls.sock).map_err(refused)?;
        Ok(Stream::Tls(tls))
    }

    fn reach(&self, host: &str, port: u16, until: Option<Instant>) -> io::Result<TcpStream> {
        let mut addresses = match addresses_without_asking(host) {
            Some(addresses) => addresses,
            None => self.look_up(host.to_owned(), until)?,
        };
        for address in &mut addresses {
            address.set_port(port);
        }
        race(addresses, until)
    }

    /// In a thread of its own where the time is limited, because the system's resolver can't be
    /// stopped.
    fn look_up(&self, host: String, until: Option<Instant>) -> io::Result<Vec<SocketAddr>> {
        if until.is_none() {
            return (self.names)(&host);
        }
        let (sender, receiver) = mpsc::channel();
        let names = Arc::clone(&self.names);
        thread::Builder::new().spawn(move || sender.send(names(&host)))?;
        receiver.recv_timeout(left(until)).map_err(|_| io::ErrorKind::TimedOut)?
    }
}

impl ureq::unversioned::transport::Connector for Connector {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _: Option<()>,
    ) -> Result<Option<Connection>, Error> {
        let stream = self
            .open(details.uri, deadline(details.timeout))
            .map_err(|error| Error::Other(Box::new(error)))?;
        Ok(Some(Connection::new(stream, host_of(details.uri), details.config)))
    }
}

/// The first connection that succeeds. The addresses of a family are tried in order, and the other
/// family is tried too when the first has been silent for a moment (RFC 8305).
fn race(addresses: Vec<SocketAddr>, until: Option<Instant>) -> io::Result<TcpStream> {
    let Some(is_ipv4) = addresses.first().map(SocketAddr::is_ipv4) else {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    };
    let (first, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == is_ipv4);
    if other.is_empty() {
        return in_order(&first, until);
    }
    let (sender, receiver) = mpsc::channel();
    let mut waiting = vec![other, first];
    let (mut running, mut last) = (0, io::Error::from(io::ErrorKind::TimedOut));
    loop {
        match waiting.pop() {
            Some(family) => {
                let sender = sender.clone();
                thread::Builder::new().spawn(move || sender.send(in_order(&family, until)))?;
                running += 1;
            }
            None if running == 0 => return Err(last),
            None => {}
        }
        let patience =
            if waiting.is_empty() { left(until) } else { FAMILY_HEAD_START.min(left(until)) };
        match receiver.recv_timeout(patience) {
            Ok(Ok(tcp)) => return Ok(tcp),
            Ok(Err(error)) => (running, last) = (running - 1, error),
            Err(_) if waiting.is_empty() => return Err(io::ErrorKind::TimedOut.into()),
            Err(_) => {}
        }
    }
}

fn in_order(addresses: &[SocketAddr], until: Option<Instant>) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for (index, address) in addresses.iter().enumerate() {
        // The remaining addresses share the remaining time.
        let share = left(until) / u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let attempt = match until {
            None => TcpStream::connect(address),
            Some(_) if share.is_zero() => break,
            Some(_) => TcpStream::connect_timeout(address, share),
        };
        match attempt {
            Ok(tcp) => {
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The time until then; without a limit, longer than any call lasts.
fn left(until: Option<Instant>) -> Duration {
    until.map_or(Duration::from_secs(u32::MAX.into()), |until| {
        until.saturating_duration_since(Instant::now())
    })
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}
