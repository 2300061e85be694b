//! What goes wrong in an exchange, as the core's error.

use std::{error::Error, io};

use fief_proto::{TransportError, TransportErrorKind};
use http::{Uri, uri::Authority};

/// The options can't be used: `message` says which, and why.
pub fn configuration(message: impl Into<String>) -> TransportError {
    TransportError::new(TransportErrorKind::Configuration, "").detail(message)
}

/// There is no connection to `host`.
pub fn connect(host: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Connect, host)
}

/// What came from `host` is no usable answer: `what` says why.
pub fn invalid_response(host: &str, what: &str) -> TransportError {
    TransportError::new(TransportErrorKind::InvalidResponse, host).detail(what)
}

/// The connection to `host` broke.
pub fn io(host: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Io, host)
}

/// The time for the whole exchange with `host` is over.
pub fn timeout(host: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout, host)
}

/// The time for connecting to `host` is over.
pub fn connect_timeout(host: &str) -> TransportError {
    timeout(host).before_sending()
}

/// There is no trust between this side and `host`.
pub fn tls(host: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Tls, host)
}

/// An I/O error in the TLS handshake. If the connection just ends there is no connection; that is
/// no matter of trust.
pub fn handshake(host: &str, error: io::Error) -> TransportError {
    let failed = if is_tls(&error) { tls(host).before_sending() } else { connect(host) };
    failed.because(error)
}

/// An I/O error after connecting. A TLS alert is one too: a server that misses a client certificate
/// says so only when the first bytes are read.
pub fn broken(host: &str, error: io::Error) -> TransportError {
    let broken = if is_tls(&error) { tls(host) } else { io(host) };
    broken.because(error)
}

/// The task of a shared fetch has panicked, or its runtime is shutting down.
pub fn aborted(error: impl Error + Send + Sync + 'static) -> TransportError {
    io("").detail("the shared fetch was cut short").because(error)
}

fn is_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
}

/// The host and port of a URI: neither credentials nor path nor query.
pub fn host_of(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("(no host)", Authority::as_str);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}
