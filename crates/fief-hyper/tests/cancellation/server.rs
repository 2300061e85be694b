//! A server with a runtime of its own, so that none of its tasks is counted as the client's.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, ready},
    thread,
    time::Duration,
};

use fief_transport_tests::certificates::Authority;
use http::{Request, Response};
use hyper::{
    body::{Body, Bytes, Frame, Incoming},
    server::conn,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    time::{Sleep, sleep},
};
use tokio_rustls::TlsAcceptor;

use crate::proxy;

#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Protocol {
    Http1,
    Http1OverTls,
    /// HTTP/1.1 over TLS, through the tunnel of a proxy.
    Http1InTunnel,
}

pub struct Server {
    base_url: String,
    proxy: Option<String>,
    root: Option<Vec<u8>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: Arc<AtomicUsize>,
    discoveries: AtomicUsize,
    refreshes: AtomicUsize,
}

impl Server {
    pub fn start(protocol: Protocol) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let counts = Arc::<Counts>::default();
        let (tls, root) = match protocol {
            Protocol::Http1 => (None, None),
            Protocol::Http1OverTls => secured("localhost"),
            Protocol::Http1InTunnel => secured("fief.example"),
        };
        let proxy = (protocol == Protocol::Http1InTunnel)
            .then(|| proxy::start(Arc::clone(&counts.connections)));
        let seen = Arc::clone(&counts);
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(accept(listener, tls, seen));
        });
        let base_url = match &root {
            None => format!("http://127.0.0.1:{port}"),
            // This machine would not be reached through a proxy.
            Some(_) if proxy.is_some() => format!("https://fief.example:{port}"),
            Some(_) => format!("https://localhost:{port}"),
        };
        Self { base_url, proxy, root, counts }
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The proxy to it, if it is reached through one.
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }

    /// The certificate to trust, if there is one.
    pub fn root(&self) -> Option<Vec<u8>> {
        self.root.clone()
    }

    /// How many are open now, those to the proxy included.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(SeqCst)
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

fn secured(name: &str) -> (Option<TlsAcceptor>, Option<Vec<u8>>) {
    let authority = Authority::new();
    let acceptor = TlsAcceptor::from(authority.leaf(name).server());
    (Some(acceptor), Some(authority.pem.into_bytes()))
}

async fn accept(listener: std::net::TcpListener, tls: Option<TlsAcceptor>, counts: Arc<Counts>) {
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        // Each part in a packet of its own.
        tcp.set_nodelay(true).unwrap();
        let (tls, counts) = (tls.clone(), Arc::clone(&counts));
        counts.connections.fetch_add(1, SeqCst);
        tokio::spawn(async move {
            connected(tcp, tls, &counts).await;
            counts.connections.fetch_sub(1, SeqCst);
        });
    }
}

async fn connected(tcp: TcpStream, tls: Option<TlsAcceptor>, counts: &Arc<Counts>) {
    let Some(tls) = tls else {
        return serve(tcp, counts).await;
    };
    // A client may leave at any time, here and below.
    if let Ok(stream) = tls.accept(tcp).await {
        serve(stream, counts).await;
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, counts: &Arc<Counts>) {
    let service = service_fn(|request: Request<Incoming>| {
        let counts = Arc::clone(counts);
        async move { Ok::<_, Infallible>(Response::new(answer(&request, &counts))) }
    });
    let _ = conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A document, fresh tokens, or a user who is named like the token.
fn answer(request: &Request<Incoming>, counts: &Counts) -> InParts {
    let path = request.uri().path();
    let document = if path.ends_with("/openid-configuration") {
        counts.discoveries.fetch_add(1, SeqCst);
        json!({
            "issuer": "https://fief.example",
            "authorization_endpoint": "https://fief.example/authorize",
            "token_endpoint": "https://fief.example/api/token",
            "userinfo_endpoint": "https://fief.example/api/userinfo",
            "jwks_uri": "https://fief.example/.well-known/jwks.json",
        })
    } else if path.ends_with("/jwks.json") {
        let keys = include_str!("../../../fief-vectors/material/keys.json");
        json!({"keys": [member(keys, "jwk_first")]})
    } else if path.ends_with("/token") {
        counts.refreshes.fetch_add(1, SeqCst);
        json!({"access_token": "opaque", "id_token": token("id"), "token_type": "bearer"})
    } else {
        let token = request.headers()["authorization"].to_str().unwrap();
        json!({"sub": token.trim_start_matches("Bearer ")})
    };
    InParts { left: document.to_string().into(), pause: Box::pin(sleep(PAUSE)) }
}

/// A token that was made for the test vectors.
pub fn token(name: &str) -> String {
    let tokens = include_str!("../../../fief-vectors/material/tokens.json");
    member(tokens, name).as_str().unwrap().to_owned()
}

fn member(document: &str, name: &str) -> Value {
    serde_json::from_str::<Value>(document).unwrap()[name].clone()
}

/// A body in parts that come one after the other, so that each is waited for.
struct InParts {
    left: Bytes,
    pause: Pin<Box<Sleep>>,
}

pub const PAUSE: Duration = Duration::from_millis(2);

impl Body for InParts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        ready!(self.pause.as_mut().poll(context));
        self.pause = Box::pin(sleep(PAUSE));
        let length = self.left.len().div_ceil(3);
        let part = self.left.split_to(length);
        Poll::Ready((!part.is_empty()).then(|| Ok(Frame::data(part))))
    }
}
