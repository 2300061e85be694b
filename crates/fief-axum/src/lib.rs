//! [Fief](https://docs.fief.dev) authentication for axum.
//!
//! ```no_run
//! use axum::{Json, Router, routing::get};
//! use fief_axum::{AccessTokenInfo, Allowed, Config, Fief, FiefAuth, Policy, Requirements};
//!
//! struct ReadCastles;
//!
//! impl Policy for ReadCastles {
//!     fn requirements() -> Requirements {
//!         Requirements::none().permission("castles:read")
//!     }
//! }
//!
//! async fn castles(user: Allowed<ReadCastles>) -> Json<AccessTokenInfo> {
//!     Json(user.token)
//! }
//!
//! fn app() -> Result<Router, Box<dyn std::error::Error>> {
//!     let config = Config::new("https://example.fief.dev", "CLIENT_ID");
//!     let auth = FiefAuth::new(Fief::new(config)?);
//!     Ok(Router::new().route("/castles", get(castles)).with_state(auth))
//! }
//! ```
//!
//! Step by step, up to what goes wrong: the [`guide`].
//!
//! # Architecture
//!
//! ```text
//!   request ──▶ WebLogin::mount ──▶ Require ──▶ handler(Allowed<P>, CurrentUser, …)
//!               of a site: pages,    a layer:      extractors: each looks for the token, and
//!               session, cache       one check     checks it once per request
//!                   headers              │                     │
//!                     │                  └─────── FiefAuth ────┘── UserCache
//!                     └─ SessionStore ───────────────┘ │
//!                                              fief_hyper::Fief
//! ```
//!
//! - [`FiefAuth`] is part of the router's state: the client, where a token may be
//!   ([`TokenSource`]), the cache of users ([`UserCache`]), and the answer to a refused request
//!   ([`AuthError`]). Every guard is made of [`FiefAuth::authenticate`] and [`FiefAuth::reject`].
//! - [`Allowed`], [`AccessToken`], [`CurrentUser`] and [`FreshUser`] are extractors, the latter
//!   three also in an `Option`.
//! - [`FiefAuth::require`] is a layer: the same for whole routers. Put it with `route_layer`, so
//!   that an unknown path stays 404, and a `CorsLayer` outside of it (with `layer`, after it), so
//!   that preflight requests need no token and refusals can be read.
//! - [`WebLogin`] is a site whose users sign in with a browser.
//! - [`webhook`] receives the events that Fief sends.
//!
//! All of [`fief_hyper`], the client, is here too: a `match` on an error, or a call with a
//! [`NewPassword`], needs no second dependency.
//!
//! The layer is that of [`fief_tower`], which works without axum; its table of answers is the one
//! here.
//!
//! # Features
//!
//! | feature | what it does |
//! |---|---|
//! | `redis` | `RedisUserCache` and `RedisSessionStore` |
//! | `utoipa` | `docs`: the documentation page of an API, with its Authorize button |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod cookies;
#[cfg(feature = "utoipa")]
pub mod docs;
mod extract;
pub mod guide;
mod login;
#[cfg(feature = "redis")]
mod redis;
mod same_site;
mod seal;
mod session;
mod single_flight;
mod token_source;
mod user_cache;
mod users;
pub mod webhook;

pub use fief_hyper::*;
pub use fief_tower::{AuthError, Authenticate, Guard, Reject, Require, add_headers, bearer, json};

pub use self::{
    auth::{FiefAuth, FiefAuthBuilder},
    extract::{AccessToken, Allowed, CurrentUser, FreshUser, Policy, Rejection},
    login::{Page, SetupError, WebLogin, WebLoginBuilder},
    session::{
        MemorySessionStore, Replaced, Session, SessionEntry, SessionStore, StoreFuture,
        check_session_store,
    },
    token_source::TokenSource,
    user_cache::{MemoryUserCache, UserCache},
};
#[cfg(feature = "redis")]
pub use self::{session::RedisSessionStore, user_cache::RedisUserCache};

/// An error of another crate: of a cache or a store for example.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
