//! [Fief](https://docs.fief.dev) authentication for axum.
//!
//! ```no_run
//! use axum::{Json, Router, routing::get};
//! use fief_axum::{AccessToken, AccessTokenInfo, Config, Fief, FiefAuth};
//!
//! async fn castles(AccessToken(token): AccessToken) -> Json<AccessTokenInfo> {
//!     Json(token)
//! }
//!
//! fn app() -> Result<Router, Box<dyn std::error::Error>> {
//!     let config = Config::new("https://example.fief.dev", "CLIENT_ID");
//!     let auth = FiefAuth::new(Fief::new(config.client_secret("CLIENT_SECRET"))?);
//!     let read = auth.require().scope("openid").permissions(["castles:read"]);
//!     Ok(Router::new().route("/castles", get(castles).layer(read)).with_state(auth))
//! }
//! ```
//!
//! # Architecture
//!
//! ```text
//!   request ──▶ SessionLayer ──▶ Require ──▶ handler(AccessToken, CurrentUser, …)
//!               of WebLogin:      a layer:        extractors: take what is in the extensions,
//!               cookie → session, one check       or check the token themselves
//!               refresh           of the token
//!                     │              │                     │
//!                     └─ SessionStore└── FiefAuth ─────────┘── UserCache
//!                                          │
//!                                      fief_hyper::Fief
//! ```
//!
//! - [`FiefAuth`] is part of the router's state: the client, the places where a token may stand
//!   ([`TokenSource`]), the cache of users ([`UserCache`]), and the answer to those who are not let
//!   through ([`AuthError`]).
//! - [`AccessToken`], [`CurrentUser`] and [`FreshUser`] are extractors, alone or in an `Option`.
//! - [`Require`] is a layer: scopes, level and permissions for a route, a router or any tower
//!   service.
//! - [`WebLogin`] adds the pages that sign a user in and out, and the session.
//! - [`webhook`] receives what Fief tells by itself.
//!
//! The protocol is in [`fief_hyper::proto`]; nothing here decides what a good token is.
//!
//! # Answers
//!
//! | | status | `WWW-Authenticate` |
//! |---|---|---|
//! | no token | 401 | `Bearer`, without a code |
//! | malformed, forged, expired | 401 | `error="invalid_token"` |
//! | a scope is missing | 403 | `error="insufficient_scope"`, `scope` |
//! | a permission is missing | 403 | `error="insufficient_scope"` |
//! | the level is too low | 403 | `error="insufficient_user_authentication"`, `acr_values` |
//! | Fief can't be reached | 503 | – (`Retry-After`) |
//! | Fief answers with an error | 502 | – |
//!
//! # Features
//!
//! | feature | what it does |
//! |---|---|
//! | `redis` | `RedisUserCache` and `RedisSessionStore` |
//! | `utoipa` | `docs`: the Authorize button of Swagger UI |
//!
//! What goes wrong behind an answer is told with `tracing`; an access token of a client that is not
//! named to [`Config::accept_client`] is a warning that says so.

mod answer;
mod auth;
mod cache;
mod cookies;
#[cfg(feature = "utoipa")]
pub mod docs;
mod error;
mod extract;
mod flights;
mod login;
#[cfg(feature = "redis")]
mod redis;
mod require;
mod sealed_cookies;
mod session;
mod token_source;
mod users;
pub mod webhook;

pub use fief_hyper::{AccessTokenInfo, Acr, AuthorizationRequest, Config, Fief, Secret, UserInfo};

pub use self::{
    auth::{FiefAuth, FiefAuthBuilder},
    cache::{MemoryUserCache, UserCache},
    error::{AuthError, BoxError},
    extract::{AccessToken, CurrentUser, FreshUser, Rejection},
    login::{LoginError, SetupError, WebLogin, WebLoginBuilder, redirect_to_login},
    require::{Guard, Require},
    sealed_cookies::CookieKey,
    session::{MemorySessionStore, SessionLayer, SessionStore, WithSession},
    token_source::TokenSource,
};
#[cfg(feature = "redis")]
pub use self::{cache::RedisUserCache, session::RedisSessionStore};

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
