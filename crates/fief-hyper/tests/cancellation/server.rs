//! A server that speaks in parts, one after the other, so that each is waited for. It has threads of
//! its own, so that no task of it is taken for the client's.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use fief_hyper::Endpoint;
use fief_testkit::{
    material::{document, token},
    server::{self, Stream, Then, Turn, ok},
    transport::certificates::Authority,
};
use serde_json::json;

#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Protocol {
    Http1,
    Http1OverTls,
    /// HTTP/1.1 over TLS, through the tunnel of a proxy.
    Http1InTunnel,
}

pub struct Server {
    http: server::Server,
    protocol: Protocol,
    root: Option<Vec<u8>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    discoveries: AtomicUsize,
    refreshes: AtomicUsize,
}

impl Server {
    pub fn start(protocol: Protocol) -> Self {
        let authority = Authority::new();
        let (secured, tunnelled) = match protocol {
            Protocol::Http1 => (None, None),
            Protocol::Http1OverTls => (Some(authority.leaf("localhost").server()), None),
            Protocol::Http1InTunnel => (None, Some(authority.leaf("fief.example").server())),
        };
        let root = (protocol != Protocol::Http1).then(|| authority.pem.into_bytes());
        let counts = Arc::<Counts>::default();
        let seen = Arc::clone(&counts);
        let http = server::Server::start(secured, move |turn, stream| {
            // The proxy is its own end of the tunnel.
            if let (("CONNECT", _), Some(tls)) = (turn.target(), &tunnelled) {
                let said = in_parts(stream, b"HTTP/1.1 200 Connection established\r\n\r\n");
                return said.map_or(Then::Close, |()| Then::Tls(Arc::clone(tls)));
            }
            let said = in_parts(stream, ok(&answer(turn, &seen)).as_bytes());
            said.map_or(Then::Close, |()| Then::Keep)
        });
        Self { http, protocol, root, counts }
    }

    pub fn base_url(&self) -> String {
        let port = self.http.port;
        match self.protocol {
            Protocol::Http1 => self.http.base(),
            Protocol::Http1OverTls => format!("https://localhost:{port}"),
            // This machine would not be reached through a proxy.
            Protocol::Http1InTunnel => format!("https://fief.example:{port}"),
        }
    }

    /// The proxy to it, if it is reached through one.
    pub fn proxy(&self) -> Option<String> {
        (self.protocol == Protocol::Http1InTunnel).then(|| self.http.base())
    }

    /// The certificate to trust, if there is one.
    pub fn root(&self) -> Option<Vec<u8>> {
        self.root.clone()
    }

    /// How many are open now.
    pub fn connections(&self) -> usize {
        self.http.connections()
    }

    /// How often it was asked for its document.
    pub fn discoveries(&self) -> usize {
        self.counts.discoveries.load(SeqCst)
    }

    /// How many refresh tokens it was given.
    pub fn refreshes(&self) -> usize {
        self.counts.refreshes.load(SeqCst)
    }
}

/// A document, fresh tokens, or a user who is named like the token.
fn answer(turn: &Turn, counts: &Counts) -> String {
    let (_, path) = turn.target();
    if path.ends_with("/openid-configuration") {
        counts.discoveries.fetch_add(1, SeqCst);
        published(Endpoint::Discovery)
    } else if path.ends_with("/jwks.json") {
        published(Endpoint::Keys)
    } else if path.ends_with("/token") {
        counts.refreshes.fetch_add(1, SeqCst);
        json!({"access_token": "opaque", "id_token": token("id"), "token_type": "bearer"})
            .to_string()
    } else {
        let token = turn.header("authorization")[0].trim_start_matches("Bearer ");
        json!({ "sub": token }).to_string()
    }
}

fn published(endpoint: Endpoint) -> String {
    String::from_utf8(document(endpoint).into_body()).unwrap()
}

/// Three parts, with a pause before each.
fn in_parts(stream: &mut dyn Stream, bytes: &[u8]) -> io::Result<()> {
    for part in bytes.chunks(bytes.len().div_ceil(3)) {
        thread::sleep(Duration::from_millis(2));
        stream.write_all(part)?;
    }
    Ok(())
}
