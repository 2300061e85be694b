//! The parts of a driver. This is not a stable interface: both drivers are released with it.

mod body;
mod builder;
mod entropy;
pub mod failure;
mod names;
mod operations;
mod proxy;
mod state;
mod tls;
mod trace;

use std::time::Duration;

pub use http::HeaderMap;
pub use serde_json::Value;
use zeroize::optimization_barrier;

pub use self::{
    body::Body,
    entropy::{entropy, pkce, random_string},
    failure::host_of,
    names::{Names, addresses_without_asking, system_names},
    proxy::{MAX_TUNNEL_HEAD, ProxyServer},
    state::{Clock, State},
    tls::{Tls, tls},
    trace::Trace,
};

/// The greatest head of a response: status line and header fields.
pub const MAX_HEAD: usize = 64 * 1024;

/// The greatest answer, in bytes on the connection, HTTP's framing included; a driver gives up on a
/// longer one. The limit for a body is lower: this one ends endless interim answers, chunks and
/// trailers.
pub const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// How many connections are kept for later requests.
pub const MAX_IDLE: usize = 32;

/// How long they are kept: less than the five seconds after which Fief's server closes them.
pub const MAX_IDLE_AGE: Duration = Duration::from_secs(4);

/// The other family of addresses is tried when the first has been silent for so long (RFC 8305).
pub const FAMILY_HEAD_START: Duration = Duration::from_millis(250);

/// Overwrites what may be a secret, as a whole, which is faster than byte by byte.
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    optimization_barrier(bytes);
}
