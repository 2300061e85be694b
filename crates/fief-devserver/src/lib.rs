//! A Fief authentication server for development and tests, in the process or in one small binary.
//!
//! It starts in milliseconds, needs no network, and answers as the real server does.
//!
//! ```
//! use fief_devserver::{Client, DevServer, User};
//! use fief_ureq::{Fief, Requirements};
//!
//! let server = DevServer::builder()
//!     .client(Client::confidential("web", "secret").redirect_uri("http://localhost:8000/callback"))
//!     .user(User::new("anne@bretagne.duchy", "hermine").permission("castles:read"))
//!     .start()?;
//!
//! let fief = Fief::new(server.config())?;
//! let login = fief.login("http://localhost:8000/callback")?;
//! let callback = server.sign_in(&login.url, "anne@bretagne.duchy", "hermine")?;
//! let (tokens, _user) = fief.finish_login(login.pending, &callback)?;
//! let required = Requirements::none().permissions(["castles:read"]);
//! fief.validate_access_token(tokens.access_token.expose(), &required)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Tests of your own application, one for each thing that may happen: the [`guide`].
//!
//! The server has a thread of its own and stops when its [`DevServer`] is dropped, so that
//! blocking and async tests use it alike. It listens on loopback only, keeps everything in memory,
//! and signs with keys that come with the crate and are therefore public: it protects nothing.
//!
//! Inside, imports go in one direction, in the order of the list below: settings, the rules for
//! input, tokens, the state, records, HTTP, pages, endpoints, and on top the server that holds them
//! together.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod error;
mod random;
mod settings;

mod rules;
mod tokens;

mod observe;
mod store;

mod html;
mod http;

mod account;
mod oidc;
mod overview;
mod pages;

mod admin;
mod docs;

mod listen;
mod router;
mod serve;
mod webhooks;

mod browser;
mod builder;
mod server;

pub mod guide;

pub use self::{
    browser::{Browser, sign_in},
    builder::Builder,
    clock::Clock,
    error::{ChangeError, SignInError, StartError},
    observe::{
        Delivery, Mail,
        faults::{Endpoint, Fault},
        requests::{LoggedBody, LoggedRequest},
    },
    server::DevServer,
    settings::{
        Settings, Tenant, Webhook,
        client::{Client, ClientType},
        user::{FieldType, User, UserField},
    },
    tokens::encryption::generate_encryption_key,
};

/// Its examples are run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
