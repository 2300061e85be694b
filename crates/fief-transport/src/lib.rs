//! What the drivers of the Fief client share, so that they behave alike: the options for the
//! connection, the TLS configuration made from them, the limits on a body, the errors, and what the
//! core draws from nowhere: the time, randomness, a trace of the calls.
//!
//! It opens no connection itself. Whoever just uses Fief takes `fief-ureq` or `fief-hyper`, which
//! give these types on; whoever writes a driver of their own may find them useful.

mod body;
mod clock;
mod entropy;
pub mod failure;
mod options;
mod tls;
mod trace;

pub use fief_proto::{Error, Secret, TransportError, TransportErrorKind};

pub use self::{
    body::{Body, MAX_ANSWER},
    clock::system_clock,
    entropy::{entropy, pkce, random_text},
    failure::host_of,
    options::{ClientCertificate, Proxy, Roots, TransportOptions},
    tls::{Tls, tls},
    trace::Trace,
};
