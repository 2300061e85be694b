//! fief-hyper

mod body;
mod connector;
mod http;
mod line;
mod proxies;
mod tls;
mod transport_error;

pub use self::transport_error::{TransportError, TransportErrorKind};
