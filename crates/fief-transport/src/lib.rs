//! What both drivers of the Fief client share: the options for the connection, the choice of a
//! proxy, TLS, limits, and the operations, written once for the blocking and the async driver.
//!
//! Use `fief-ureq` or `fief-hyper`, which re-export the options. Nothing here opens a connection.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod options;

#[doc(hidden)]
pub mod internals;

pub use self::options::{ClientCertificate, Proxy, Roots, TransportOptions};

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
