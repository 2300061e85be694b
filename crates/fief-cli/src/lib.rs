//! Signs the user of a command-line program in with [Fief](https://docs.fief.dev), through their
//! browser, and keeps them signed in.
//!
//! ```no_run
//! use fief_cli::{Error, FiefAuth, Refresh, default_path};
//! use fief_ureq::{Config, Fief};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
//!     let auth = FiefAuth::new(fief, default_path("castles")?);
//!
//!     let user = match auth.current_user(Refresh::No) {
//!         Err(Error::NotAuthenticated(_)) => auth.authorize()?.1, // opens the browser, and waits
//!         saved => saved?,
//!     };
//!     let token = auth.access_token_info(Refresh::Yes)?; // refreshed if it is due
//!     println!("{} may {:?}", user.email.unwrap_or_default(), token.permissions);
//!     Ok(())
//! }
//! ```
//!
//! # Architecture
//!
//! - [`FiefAuth`] is what a program uses. Its sign-in is in `authorize`, the rest in `auth`.
//! - `loopback` is the listener for the callback, the place where strangers' bytes are read;
//!   `paste` is the way without it. [`AuthorizeOptions`] choose between them.
//! - `credentials` is where tokens rest: [`CredentialStore`] and its two kinds.
//!
//! All protocol logic is in the client below, [`fief_ureq`].

mod auth;
mod authorize;
mod browser;
mod credentials;
mod error;
mod loopback;
mod options;
mod pages;
mod paste;
mod redirect;
mod terminal;

pub use fief_ureq;

pub use self::{
    auth::{FiefAuth, Refresh},
    credentials::{
        CredentialStore, Credentials, CredentialsFile, CredentialsMemory, StoreLock, default_path,
    },
    error::Error,
    options::{AuthorizeOptions, REDIRECT_URI},
};

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
