//! A Fief authentication server for development and tests, in the process or in one small binary.
//!
//! It starts in milliseconds, needs no network, and behaves on the wire as the real server does.
//!
//! ```
//! use fief_devserver::{Client, DevServer, User};
//! use fief_ureq::{Config, Fief, Requirements};
//!
//! let server = DevServer::builder()
//!     .client(Client::confidential("web", "secret").redirect_uri("http://localhost:8000/callback"))
//!     .user(User::new("anne@bretagne.duchy", "hermine").permission("castles:read"))
//!     .start()?;
//!
//! let fief = Fief::new(Config::new(server.base_url(), "web").client_secret("secret"))?;
//! let login = fief.login("http://localhost:8000/callback")?;
//! let callback = server.sign_in(&login.url, "anne@bretagne.duchy", "hermine")?;
//! let (tokens, _user) = fief.finish_login(login.pending, &callback)?;
//! let required = Requirements::none().permissions(["castles:read"]);
//! fief.validate_access_token(tokens.access_token.expose(), &required)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The server has a thread of its own and stops when its [`DevServer`] is dropped, so that
//! blocking and async tests use it alike. It listens on loopback only, keeps everything in memory,
//! and signs with keys that come with the crate and that everybody therefore knows: it protects
//! nothing.

mod admin;
mod asset;
mod builder;
mod docs;
mod endpoint;
mod error;
mod fault;
mod http;
mod mail;
mod manage;
mod page;
mod request_log;
mod rules;
mod server;
mod settings;
mod sign_in;
mod token;
mod webhook;
mod world;

pub use self::{
    builder::Builder,
    error::{ChangeError, SignInError, StartError},
    fault::{Endpoint, Fault},
    mail::Mail,
    request_log::LoggedRequest,
    server::DevServer,
    settings::{Client, ClientType, FieldType, Settings, Tenant, User, UserField, Webhook},
    sign_in::sign_in,
    token::generate_encryption_key,
    webhook::Delivery,
};

/// Its examples are run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
