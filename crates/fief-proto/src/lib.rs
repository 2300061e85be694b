//! The sans-IO core of the Fief client: it builds requests, reads answers and validates tokens, and
//! does no input or output. Time, entropy and responses come in as arguments.
//!
//! Most programs want a driver: `fief-ureq` (blocking) or `fief-hyper` (async). This crate is for
//! programs with a runtime of their own, and for audits: hostile bytes are read here.
//!
//! # Architecture
//!
//! ```text
//!   Config ──build──▶ Client ──a method per operation──▶ a Flow
//!                       │                                   │  resume(provider, now, input)
//!                       │ learn(provider, ticket, …)        ▼
//!                       ▼                                 Step::Send(Request) ──▶ your HTTP client
//!                    Provider ◀──read by every flow────── Step::Done(output)
//! ```
//!
//! - [`Client`] is the configuration, checked once. It is immutable and has no type parameters.
//! - A [`Flow`](flow::Flow) is one call as a state machine. It asks for at most three requests: the
//!   discovery document, the keys, its own. With a fresh provider, validating a token asks for
//!   none.
//! - [`Provider`] is all that is learned from the network. You own it, flows read it, and
//!   [`Client::learn`] alone writes it.
//! - Errors ([`Error`]) are named by whose fault they are, and never hold a secret.
//!
//! # A walk through a flow
//!
//! How to drive, in one rule, stands at [`Flow`](flow::Flow). Here step by step, with answers made by
//! hand:
//!
//! ```
//! use fief_proto::{
//!     Config, Endpoint, Provider, UnixTime,
//!     flow::{Flow, Input, Request, Response, Step},
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Config::new("https://example.fief.dev", "CLIENT_ID").build()?;
//! let mut provider = Provider::default(); // knows nothing yet
//! let now = UnixTime::from_secs(1_790_000_000); // from your clock
//! let mut flow = client.userinfo("ACCESS_TOKEN")?;
//!
//! // The first step: it is not known where the endpoint is.
//! let Step::Send(request) = flow.resume(&provider, now, Input::Go)? else { unreachable!() };
//! assert_eq!(request.endpoint(), Endpoint::Discovery);
//! assert_eq!(request.http().uri().path(), "/.well-known/openid-configuration");
//!
//! // It carries a ticket: the answer is for all. Write it down, success or failure.
//! let ticket = request.ticket().expect("discovery is shared");
//! client.learn(&mut provider, ticket, now, Ok(send(&request)));
//! assert!(provider.settled(&ticket));
//!
//! // The second step: the flow's own request, without a ticket. Send it exactly once.
//! let Step::Send(request) = flow.resume(&provider, now, Input::Go)? else { unreachable!() };
//! assert_eq!(request.http().uri(), "https://example.fief.dev/api/userinfo");
//! assert!(request.ticket().is_none());
//!
//! // The last step: its answer goes back into the flow.
//! let answer = Input::Response(send(&request));
//! let Step::Done(user) = flow.resume(&provider, now, answer)? else { unreachable!() };
//! assert_eq!(user.email.as_deref(), Some("anne@bretagne.duchy"));
//! # Ok(())
//! # }
//!
//! /// Stands in for the network.
//! fn send(request: &Request) -> Response {
//!     http::Response::new(match request.endpoint() {
//!         Endpoint::Discovery => br#"{
//!             "issuer": "https://example.fief.dev",
//!             "authorization_endpoint": "https://example.fief.dev/authorize",
//!             "token_endpoint": "https://example.fief.dev/api/token",
//!             "userinfo_endpoint": "https://example.fief.dev/api/userinfo",
//!             "jwks_uri": "https://example.fief.dev/.well-known/jwks.json"
//!         }"#
//!         .to_vec(),
//!         _ => br#"{"sub": "545e68d4-b831-43cb-9aec-972543716667",
//!                   "email": "anne@bretagne.duchy"}"#
//!             .to_vec(),
//!     })
//! }
//! ```
//!
//! # The loop
//!
//! For one owner of client and provider this loop drives any flow, here with the blocking function
//! `send` of the HTTP client at hand. It is what [`flow::drive`] does, and [`flow::drive_async`] with
//! an `.await` behind `send`.
//!
//! ```
//! # use fief_proto::{Client, Config, Error, Provider, TransportError, TransportErrorKind, UnixTime};
//! # use fief_proto::flow::{Flow, Input, Request, Response, Step};
//! fn run<F: Flow>(
//!     mut flow: F,
//!     client: &Client,
//!     provider: &mut Provider,
//! ) -> Result<F::Output, Error> {
//!     let mut input = Input::Go;
//!     loop {
//!         input = match flow.resume(provider, now(), input)? {
//!             Step::Done(output) => return Ok(output),
//!             Step::Send(request) => match request.ticket() {
//!                 None => Input::Response(send(request)?),
//!                 Some(ticket) => {
//!                     client.learn(provider, ticket, now(), send(request));
//!                     Input::Go
//!                 }
//!             },
//!         };
//!     }
//! }
//! # fn now() -> UnixTime {
//! #     UnixTime::from_secs(1_790_000_000)
//! # }
//! # fn send(request: Request) -> Result<Response, TransportError> {
//! #     let host = request.http().uri().host().unwrap_or_default();
//! #     Err(TransportError::new(TransportErrorKind::Connect, host))
//! # }
//! # let client = Config::new("https://example.fief.dev", "CLIENT_ID").build()?;
//! # let outcome = run(client.userinfo("ACCESS_TOKEN")?, &client, &mut Provider::default());
//! # assert_eq!(outcome.unwrap_err().kind(), "transport");
//! # Ok::<(), Error>(())
//! ```
//!
//! It waits for every fetch. Where many tasks or threads share a client, one fetch serves them all,
//! and none of them waits for one that is only due: that takes the rest of the contract, some thirty
//! lines more.
//!
//! Whole drivers are among the examples in the repository: `by_hand` (one owner, over a plain TCP
//! stream), `smol` (many tasks on a runtime that no driver here is for) and `browser` (a page, by
//! `fetch`).
//!
//! The types for driving are in [`flow`]; the types at the root are those that an application
//! names, whatever drives it.
//!
//! A runtime of your own, what is promised about security, standards and speed: the [`guide`].
//!
//! # Features
//!
//! | feature | what it does |
//! |---|---|
//! | `aws-lc-rs` (default) | RS256 with pre-parsed keys, and encrypted ID tokens; needs a C compiler |
//! | `rust-crypto` | RS256 in pure Rust, some twelve times slower, for targets without a C compiler |
//! | `utoipa` | descriptions (`ToSchema`) of what an API may answer with |
//!
//! Both may be on: the client then uses aws-lc-rs unless [`Config::crypto_backend`] says otherwise.
//! With neither, building a client is an error, unless [`Backend::Custom`] is set.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod base;
mod claims;
mod client;
mod config;
mod error;
pub mod flow;
#[cfg(test)]
mod foreign;
pub mod guide;
mod http;
mod jose;
mod oauth;
mod provider;
mod verified_tokens;
mod webhook;

pub use self::{
    base::{
        json::JsonError,
        secret::{Secret, TokenRef},
        time::UnixTime,
    },
    claims::{
        access_token::AccessTokenInfo,
        acr::Acr,
        hash::{is_valid_hash, validation_hash},
        id_token::IdTokenChecks,
        requirements::Requirements,
        user_info::UserInfo,
    },
    client::Client,
    config::{ClientAuthentication, Config},
    error::{
        AccessTokenError, ArgumentError, CallbackError, CallbackFault, ConfigError, Detail,
        DetailItem, EntropyError, Error, IdTokenError, KeyFault, ProviderError, Refusal, Report,
        ResponseError, ResponseFault, TokenFault, TransportError, TransportErrorKind, WebhookError,
    },
    flow::LoginRedirect,
    http::endpoint::Endpoint,
    jose::crypto::{Backend, VerifyRs256},
    oauth::{
        authorization_request::AuthorizationRequest,
        grant::{CodeExchange, RefreshRequest},
        pending_login::PendingLogin,
        pkce::{CodeChallenge, Pkce},
        tokens::Tokens,
        user_api::{EmailCode, NewEmail, NewPassword},
    },
    provider::{Provider, ProviderDocuments},
    verified_tokens::VerifiedTokens,
    webhook::{WebhookEvent, verify_webhook},
};

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
