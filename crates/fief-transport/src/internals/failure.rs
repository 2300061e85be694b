//! What goes wrong in an exchange, as the core's error.

use std::{error::Error, fmt, io, sync::Arc};

use fief_proto::{TransportError, TransportErrorKind};
use http::{Uri, uri::Authority};
use rustls::{CertificateError, OtherError};

/// The options can't be used: `message` says which, and why.
pub fn configuration(message: impl Into<String>) -> TransportError {
    TransportError::new(TransportErrorKind::Configuration, "").detail(message)
}

/// There is no connection to `host`.
pub fn connect(host: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Connect, host)
}

/// What came from `host` is not a usable answer: `what` says why.
pub fn invalid_response(host: &str, what: &str) -> TransportError {
    TransportError::new(TransportErrorKind::InvalidResponse, host).detail(what)
}

/// The time for the whole exchange with `host` is over.
pub fn timeout(host: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout, host)
}

/// The time for connecting to `host` is over.
pub fn connect_timeout(host: &str) -> TransportError {
    timeout(host).before_sending()
}

/// The TLS handshake with `host` failed. If the connection just ends, the failure is to connect,
/// and not one of trust.
pub fn handshake(host: &str, error: io::Error) -> TransportError {
    let kind = match tls_error(&error) {
        Some(_) => TransportErrorKind::Tls,
        None => TransportErrorKind::Connect,
    };
    explained(TransportError::new(kind, host).before_sending(), error)
}

/// The connection to `host` broke after it was made. A TLS alert does that too: a server that
/// misses a client certificate says so only when the first bytes are read.
pub fn broken(host: &str, error: impl Error + Send + Sync + 'static) -> TransportError {
    let kind = match tls_error(&error) {
        Some(_) => TransportErrorKind::Tls,
        None => TransportErrorKind::Io,
    };
    explained(TransportError::new(kind, host), error)
}

/// The task of a shared fetch has panicked, or its runtime is shutting down.
pub fn aborted(host: &str, error: impl Error + Send + Sync + 'static) -> TransportError {
    TransportError::new(TransportErrorKind::Io, host)
        .detail("the shared fetch was cut short")
        .because(error)
}

/// Adds what the error of the TLS library does not say: what the other side is, and what can be
/// done.
fn explained(failure: TransportError, error: impl Error + Send + Sync + 'static) -> TransportError {
    let hint = tls_error(&error).and_then(hint);
    let failure = failure.because(error);
    match hint {
        Some(hint) => failure.detail(hint),
        None => failure,
    }
}

fn hint(error: &rustls::Error) -> Option<String> {
    let certificate = match error {
        rustls::Error::InvalidMessage(_) => {
            return Some("it doesn't speak TLS; is it plain http?".to_owned());
        }
        rustls::Error::InvalidCertificate(error) => error,
        _ => return None,
    };
    match certificate {
        CertificateError::UnknownIssuer => Some(
            "no trusted authority has signed its certificate; name that authority as a root"
                .to_owned(),
        ),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            Some("its certificate names no host as a subject alternative name".to_owned())
        }
        CertificateError::Other(OtherError(error)) => {
            error.downcast_ref::<Unusable>().map(ToString::to_string)
        }
        _ => None,
    }
}

/// The server shows a certificate that was named, and that can't be a server's.
#[derive(Debug)]
pub(super) struct Unusable {
    block: usize,
    error: rustls::Error,
}

impl Unusable {
    pub(super) fn of(block: usize, error: rustls::Error) -> rustls::Error {
        let unusable = Self { block, error };
        CertificateError::Other(OtherError(Arc::new(unusable))).into()
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { block, error } = self;
        let fault = match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(error))) => {
                match error.downcast_ref() {
                    Some(webpki::Error::UnsupportedCertVersion) => {
                        "is not of version 3 of X.509, the only one that names hosts".to_owned()
                    }
                    _ => format!("can't be used: {error}"),
                }
            }
            error => format!("can't be used: {error}"),
        };
        write!(f, "the server's certificate is block {block} of the roots' PEM, which {fault}")
    }
}

impl Error for Unusable {}

/// Whether TLS is what failed.
pub fn is_tls(error: &io::Error) -> bool {
    tls_error(error).is_some()
}

fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    chain(error).find_map(|error| {
        error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<rustls::Error>()
    })
}

/// An error and its sources.
pub fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The host and port of a URI: neither credentials nor path nor query.
pub fn host_of(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("(no host)", Authority::as_str);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}
