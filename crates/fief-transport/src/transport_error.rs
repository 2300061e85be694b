//! What goes wrong between this machine and Fief.

use std::{error::Error, fmt, io, sync::Arc};

use http::{Uri, uri::Authority};

/// A request that got no usable HTTP response: no connection, no trust, no time, no sense.
///
/// It names the host and the cause, and keeps the whole chain of sources. It never holds a token,
/// a credential or a query.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
    stale: bool,
}

/// What kind of failure a [`TransportError`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The options can't be used: a PEM text, a key, a proxy URL, a platform without roots.
    Configuration,
    /// No connection: the name is unknown, the port closed, the proxy unwilling, the TLS handshake
    /// broken off.
    Connect,
    /// The answer is not HTTP as it should be: garbage, too large a head, an unknown encoding.
    InvalidResponse,
    /// The connection broke, or ended before the answer did.
    Io,
    /// The time allowed for connecting, or for the whole exchange, is over.
    Timeout,
    /// No trust: the certificate is refused, by us or by the server.
    Tls,
}

impl TransportError {
    /// What kind of failure this is.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// The same as a stable word: `configuration`, `connect`, `invalid_response`, `io`, `timeout`
    /// or `tls`.
    pub fn reason(&self) -> &'static str {
        match self.kind {
            TransportErrorKind::Configuration => "configuration",
            TransportErrorKind::Connect => "connect",
            TransportErrorKind::InvalidResponse => "invalid_response",
            TransportErrorKind::Io => "io",
            TransportErrorKind::Timeout => "timeout",
            TransportErrorKind::Tls => "tls",
        }
    }

    /// The options can't be used: `message` says which, and why.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(TransportErrorKind::Configuration, message.into())
    }

    /// There is no connection to `host`.
    pub fn connect(host: &str) -> Self {
        Self::new(TransportErrorKind::Connect, format!("cannot connect to {host}"))
    }

    /// What came from `host` is no usable answer: `what` says why.
    pub fn invalid_response(host: &str, what: &str) -> Self {
        Self::new(
            TransportErrorKind::InvalidResponse,
            format!("invalid response from {host}: {what}"),
        )
    }

    /// The connection to `host` broke.
    pub fn io(host: &str) -> Self {
        Self::new(TransportErrorKind::Io, format!("the connection to {host} broke"))
    }

    /// The time for the whole exchange with `host` is over.
    pub fn timeout(host: &str) -> Self {
        Self::new(TransportErrorKind::Timeout, format!("{host} did not answer in time"))
    }

    /// The time for connecting to `host` is over.
    pub fn connect_timeout(host: &str) -> Self {
        Self::new(TransportErrorKind::Timeout, format!("connecting to {host} took too long"))
    }

    /// There is no trust between this side and `host`.
    pub fn tls(host: &str) -> Self {
        Self::new(TransportErrorKind::Tls, format!("no trusted TLS connection to {host}"))
    }

    /// An I/O error in the TLS handshake. If the connection just ends there is no connection; that
    /// is no matter of trust.
    pub fn handshake(host: &str, error: io::Error) -> Self {
        let failed = if is_tls(&error) { Self::tls(host) } else { Self::connect(host) };
        failed.because(error)
    }

    /// An I/O error after connecting. A TLS alert is one too: a server that misses a client
    /// certificate says so only when the first bytes are read.
    pub fn broken(host: &str, error: io::Error) -> Self {
        let broken = if is_tls(&error) { Self::tls(host) } else { Self::io(host) };
        broken.because(error)
    }

    /// Adds the source. Its text must hold no secret.
    pub fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Marks the failure of a kept connection that the server had closed: no byte of an answer
    /// came, so a request that may be repeated is sent once more.
    pub fn stale(mut self) -> Self {
        self.stale = true;
        self
    }

    /// Whether a kept connection turned out closed before any answer.
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// What a transport of the user's own reports; a `TransportError` stays what it is.
    pub fn foreign(error: Box<dyn Error + Send + Sync>) -> Self {
        match error.downcast::<Self>() {
            Ok(ours) => *ours,
            Err(error) => {
                let failed = Self::new(TransportErrorKind::Io, "the transport failed".to_owned());
                Self { source: Some(Arc::from(error)), ..failed }
            }
        }
    }

    /// The task of a shared fetch has panicked, or its runtime is shutting down.
    pub fn aborted(error: impl Error + Send + Sync + 'static) -> Self {
        Self::new(TransportErrorKind::Io, "the shared fetch was cut short".to_owned())
            .because(error)
    }

    fn new(kind: TransportErrorKind, message: String) -> Self {
        Self { kind, message, source: None, stale: false }
    }
}

fn is_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
}

/// The host and port of a URI: neither credentials nor path nor query.
pub fn host_of(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("(no host)", Authority::as_str);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
