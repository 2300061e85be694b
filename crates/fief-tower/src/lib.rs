//! [Fief](https://docs.fief.dev) authentication for any tower stack: hyper, tonic, axum and others.
//!
//! ```no_run
//! use std::convert::Infallible;
//!
//! use fief_tower::{AccessTokenInfo, BearerAuth, Config, Fief, Requirements};
//! use http::{Request, Response};
//! use tower::{Layer as _, service_fn};
//!
//! async fn castles(request: Request<String>) -> Result<Response<String>, Infallible> {
//!     let user = request.extensions().get::<AccessTokenInfo>().map(|token| token.id);
//!     Ok(Response::new(format!("Hello, {user:?}")))
//! }
//!
//! # fn main() -> Result<(), fief_tower::Error> {
//! let config = Config::new("https://example.fief.dev", "CLIENT_ID");
//! let auth = BearerAuth::new(Fief::new(config)?);
//! let read = auth.require(Requirements::none().permission("castles:read"));
//! let service = read.layer(service_fn(castles));
//! # let _ = service;
//! # Ok(())
//! # }
//! ```
//!
//! - [`BearerAuth`] reads the header `Authorization`; [`BearerAuth::authenticate`] is the same for
//!   frameworks without tower. Another source of tokens implements [`Authenticate`].
//! - [`Require`] is the layer. It works for every response body that can be made of a string
//!   ([`Json`]) or be empty ([`Grpc`]), or with a function of your own ([`Reject`]), which a boxed
//!   body needs: `|error: &AuthError, _: &Parts| json::<String>(error).map(|text| boxed(text))`.
//! - All of [`fief_hyper`], the client, is here too.
//! - [`AuthError`] is why a request is not let through, and says what its sender may know.
//!
//! # Answers
//!
//! | | status | gRPC | `WWW-Authenticate` |
//! |---|---|---|---|
//! | no token | 401 | `UNAUTHENTICATED` | `Bearer`, without a code |
//! | malformed, forged, expired | 401 | `UNAUTHENTICATED` | `error="invalid_token"` |
//! | a scope is missing | 403 | `PERMISSION_DENIED` | `error="insufficient_scope"`, `scope` |
//! | a permission is missing | 403 | `PERMISSION_DENIED` | `error="insufficient_scope"` |
//! | the level is too low | 403 | `PERMISSION_DENIED` | `error="insufficient_user_authentication"`, `acr_values` |
//! | two `Authorization` headers | 400 | `INVALID_ARGUMENT` | `error="invalid_request"` |
//! | Fief can't be reached | 503 | `UNAVAILABLE` | – (`Retry-After`) |
//! | Fief's answer can't be used | 502 | `UNAVAILABLE` | – |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod bearer;
mod error;
mod guard;

pub use fief_hyper::*;

pub use self::{
    answer::{Grpc, Json, Reject, add_headers, json},
    bearer::{bearer, token},
    error::AuthError,
    guard::{Authenticate, BearerAuth, Guard, Require},
};

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
