//! fief-hyper

mod builder;
mod connector;
mod fief;
mod http;
mod line;
mod operations;
mod proxies;

pub use fief_proto::{self as proto, *};
pub use fief_transport::{
    ClientCertificate, Error, Proxy, Roots, TransportError, TransportErrorKind, TransportOptions,
};

pub use self::{builder::FiefBuilder, fief::Fief};
