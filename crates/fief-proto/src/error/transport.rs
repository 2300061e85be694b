//! What goes wrong between this machine and Fief.

use std::{error::Error, fmt, sync::Arc};

/// A request that got no usable HTTP response: no connection, no trusted certificate, a timeout, or
/// no valid HTTP.
///
/// It names the host and the kind of failure, and keeps the chain of causes. It never holds a
/// token, a credential or a query. Drivers make it, and so does a custom transport:
///
/// ```
/// use std::io;
///
/// use fief_proto::{TransportError, TransportErrorKind};
///
/// let cause = io::Error::from(io::ErrorKind::ConnectionRefused);
/// let error = TransportError::new(TransportErrorKind::Connect, "fief.example:443").because(cause);
/// assert_eq!(error.to_string(), "cannot connect to fief.example:443");
/// assert!(error.never_sent(), "without a connection nothing was sent");
/// ```
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    host: String,
    /// What there is to say beyond the kind.
    detail: Option<String>,
    /// It failed before the request was sent.
    is_before_sending: bool,
    /// The request held neither a code nor a token.
    is_harmless: bool,
    cause: Option<Cause>,
}

/// What kind of failure a [`TransportError`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The options can't be used: a PEM block, a key, a proxy URL, a platform without roots.
    Configuration,
    /// No connection: the name is unknown, the port closed, the TLS handshake broken off.
    Connect,
    /// The answer is not HTTP as it should be: garbage, too large a head, an unknown encoding.
    InvalidResponse,
    /// The connection broke, or ended before the answer did.
    Io,
    /// The proxy can't be reached, or refuses the connection.
    Proxy,
    /// The time allowed for connecting, or for the whole exchange, is over.
    Timeout,
    /// A certificate is refused, by us or by the server.
    Tls,
}

impl TransportErrorKind {
    /// A stable name in `snake_case`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Connect => "connect",
            Self::InvalidResponse => "invalid_response",
            Self::Io => "io",
            Self::Proxy => "proxy",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
        }
    }
}

impl TransportError {
    /// A failure of this kind, in an exchange with this host (`host` or `host:port`: neither
    /// credentials nor path). Of the kind `Proxy` it is the proxy's.
    ///
    /// Of the kinds `Configuration`, `Connect` and `Proxy` it is certain that nothing was sent; of
    /// the others only where [`before_sending`](Self::before_sending) says so.
    pub fn new(kind: TransportErrorKind, host: impl Into<String>) -> Self {
        use TransportErrorKind::{Configuration, Connect, Proxy};
        let is_before_sending = matches!(kind, Configuration | Connect | Proxy);
        let host = host.into();
        Self { kind, host, detail: None, is_before_sending, is_harmless: false, cause: None }
    }

    /// Says more than the kind does: "its head is too large". It must hold no secret.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the cause. Its message must hold no secret.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(Cause::new(cause));
        self
    }

    /// It failed before the first byte of the request was sent: in the TLS handshake, or while
    /// connecting took too long.
    #[must_use]
    pub fn before_sending(mut self) -> Self {
        self.is_before_sending = true;
        self
    }

    /// It was a request for a shared document, which holds neither a code nor a token.
    pub(crate) fn of_document(mut self) -> Self {
        self.is_harmless = true;
        self
    }

    /// Wraps what a custom transport reports; a `TransportError` is passed through.
    pub fn foreign(error: impl Into<Box<dyn Error + Send + Sync>>, host: &str) -> Self {
        match error.into().downcast::<Self>() {
            Ok(ours) => *ours,
            Err(error) => Self::new(TransportErrorKind::Io, host).because(error),
        }
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// The host that the request was for, with its port where the URL names one; of the kind
    /// `Proxy` the proxy.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A stable name of the kind: see [`TransportErrorKind::as_str`].
    pub fn reason(&self) -> &'static str {
        self.kind.as_str()
    }

    /// Whether the code or token of the call has certainly not left this machine: the request was
    /// not sent, or was one for the discovery document or the keys.
    pub fn never_sent(&self) -> bool {
        self.is_before_sending || self.is_harmless
    }

    pub(super) fn is_transient(&self) -> bool {
        use TransportErrorKind::{Connect, Io, Proxy, Timeout};
        matches!(self.kind, Connect | Io | Proxy | Timeout)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match self.kind {
            TransportErrorKind::Configuration => match &self.detail {
                Some(detail) => return f.write_str(detail),
                None => write!(f, "the connection to {host} is not configured correctly"),
            },
            TransportErrorKind::Connect => write!(f, "cannot connect to {host}"),
            TransportErrorKind::InvalidResponse => write!(f, "invalid response from {host}"),
            TransportErrorKind::Io => write!(f, "the connection to {host} broke"),
            TransportErrorKind::Proxy => write!(f, "cannot connect through the proxy {host}"),
            TransportErrorKind::Timeout if self.is_before_sending => {
                write!(f, "connecting to {host} took too long")
            }
            TransportErrorKind::Timeout => write!(f, "{host} did not answer in time"),
            TransportErrorKind::Tls => write!(f, "no trusted TLS connection to {host}"),
        }?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(Cause::as_error)
    }
}

/// Compares kind and host: messages and causes are for people.
impl PartialEq for TransportError {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.host) == (other.kind, &other.host)
    }
}

/// An error of another crate, shared by all who get it. Causes are not compared: two of them are
/// equal.
#[derive(Clone)]
pub(crate) struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    pub(crate) fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }

    pub(crate) fn as_error(&self) -> &(dyn Error + 'static) {
        self.0.as_ref()
    }
}

impl PartialEq for Cause {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
