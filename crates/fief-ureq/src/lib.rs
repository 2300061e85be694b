//! Blocking client for the [Fief](https://docs.fief.dev) authentication server, on `ureq`.
//!
//! ```no_run
//! use fief_ureq::{Config, Error, Fief, Requirements};
//!
//! fn sign_in(wait_for_callback: impl Fn(&str) -> String) -> Result<(), Error> {
//!     let config = Config::new("https://example.fief.dev", "CLIENT_ID");
//!     let fief = Fief::new(config.client_secret("CLIENT_SECRET"))?;
//!
//!     let login = fief.login("https://www.example.com/callback")?;
//!     let callback = wait_for_callback(&login.url); // the URL that the user comes back to
//!     let (tokens, user) = fief.finish_login(login.pending, &callback)?;
//!
//!     let required = Requirements::none().permissions(["castles:read"]);
//!     let info = fief.validate_access_token(&tokens.access_token, &required)?;
//!     println!("{} ({}) may read castles", user.email.unwrap_or_default(), info.id);
//!     Ok(())
//! }
//! ```
//!
//! [`Fief`] is cheap to clone: make one, keep it, share it. The discovery document and the keys are
//! fetched once for all callers, refreshed in the background when they are due, and refetched when
//! a token names a new key, so that a rotation of keys needs no restart. A server that is down does
//! not make known keys unusable.
//!
//! All protocol logic is in [`fief_proto`], whose types this crate re-exports; this crate owns the
//! connection. [`TransportOptions`] say how it connects; [`FiefBuilder::transport`] replaces it.
//!
//! Coming from the official Python client, call by call: the [`guide`].
//!
//! # Connections
//!
//! HTTP/1.1. Connections are kept for [`Fief::userinfo`] alone, whose request is sent once more
//! over a fresh one if a kept one breaks before there is an answer. Everything else goes over a
//! fresh connection and is sent once.
//!
//! # Limits
//!
//! An answer may have 64 KiB of headers and 1 MiB of body after decompression; the discovery
//! document and the key set, 512 KiB. Whatever the server sends, endless, compressed or a byte at a
//! time, a call uses at most 6 MiB of memory until it refuses the answer, and at most 32 MiB if the
//! answer is the JSON that takes the most memory within the limit. [`TransportOptions`] limit the
//! time.
//!
//! # What is wiped
//!
//! The bodies of requests and answers, and the buffers that they pass through on their way to the
//! socket and from it. Copies in the buffers of the TLS library and of the operating system are
//! not, nor are those of the decompression.
//!
//! # Features
//!
//! | feature | what it does |
//! |---|---|
//! | `tracing` | one span per call: operation, status, duration, refetch; no values |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod connection;
mod connector;
mod fief;
pub mod guide;
mod http;

pub use fief_proto::*;
pub use fief_transport::{ClientCertificate, Proxy, Roots, TransportOptions};

pub use self::fief::{Fief, FiefBuilder};

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
