//! Signs the user of a command-line program in with [Fief](https://docs.fief.dev), through their
//! browser, and keeps them signed in.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use fief_cli::{FiefAuth, Report, default_path};
//! use fief_ureq::{Config, Fief};
//!
//! fn main() -> ExitCode {
//!     match run() {
//!         Ok(()) => ExitCode::SUCCESS,
//!         Err(error) => {
//!             eprintln!("{}", Report(error.as_ref()));
//!             ExitCode::FAILURE
//!         }
//!     }
//! }
//!
//! fn run() -> Result<(), Box<dyn std::error::Error>> {
//!     let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
//!     let auth = FiefAuth::new(fief, default_path("castles")?);
//!
//!     let (token, user) = auth.sign_in_if_needed()?; // opens the browser only if it must
//!     println!("{} may {:?}", user.email.unwrap_or_default(), token.permissions);
//!     Ok(())
//! }
//! ```
//!
//! Step by step, up to what goes wrong: the [`guide`].
//!
//! # Architecture
//!
//! - [`FiefAuth`] is what a program uses; [`FiefAuth::sign_in_if_needed`] is where to begin.
//! - A sign-in (`sign_in`) waits for what comes first: the browser's callback at the listener
//!   (`loopback`), where foreign bytes are read, or what the user pastes (`paste`).
//! - `credentials` is where tokens are kept: [`CredentialStore`] and its two implementations.
//! - [`Report`] shows an [`Error`] to the user: what happened, and what to do now.
//!
//! All protocol logic is in the client below, [`fief_ureq`].

#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod credentials;
mod error;
pub mod guide;
mod loopback;
mod options;
mod pages;
mod paste;
mod redirect;
mod sign_in;
mod terminal;

pub use fief_ureq;

pub use self::{
    auth::{FiefAuth, Refresh},
    credentials::{
        CredentialStore, Credentials, CredentialsFile, CredentialsMemory, FileLock, StoreLock,
        default_path,
    },
    error::{Error, Report, SignedOut},
    options::{AuthorizeOptions, REDIRECT_URI},
};

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
