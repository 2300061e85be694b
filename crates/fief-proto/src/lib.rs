//! The sans-IO core of the Fief client: it builds requests, reads answers and validates tokens, and
//! does no input or output. Time, entropy and responses come in as arguments.
//!
//! Most programs want a driver: `fief-ureq` (blocking) or `fief-hyper` (async). This crate is for
//! those who have a runtime of their own, and for those who want to see where hostile bytes are
//! read.
//!
//! # Architecture
//!
//! ```text
//!   Config ──build──▶ Client ──one method an operation──▶ a Flow
//!                       │                                   │  resume(provider, now, input)
//!                       │ learn(provider, ticket, …)        ▼
//!                       ▼                                 Step::Send(Request) ──▶ your HTTP client
//!                    Provider ◀──read by every flow────── Step::Done(output)
//! ```
//!
//! - [`Client`] is the configuration, checked once. It is immutable and has no type parameters.
//! - A [`Flow`] is one call as a state machine. It asks for at most three requests: the discovery
//!   document, the keys, its own. With a fresh provider, validating a token asks for none.
//! - [`Provider`] is all that is learned from the network. You own it, flows read it, and
//!   [`Client::learn`] alone writes it.
//! - Errors ([`Error`]) are named by whose fault they are, and never hold a secret.
//!
//! # A walk through a flow
//!
//! How to drive, in one rule, stands at [`Flow`]. Here with answers made by hand:
//!
//! ```
//! use fief_proto::{
//!     Config, Endpoint, Flow, Input, Provider, Request, Response, Step, UnixTime,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Config::new("https://example.fief.dev", "CLIENT_ID").build()?;
//! let mut provider = Provider::default(); // knows nothing yet
//! let now = UnixTime::from_secs(1_790_000_000); // from your clock
//! let mut flow = client.userinfo("ACCESS_TOKEN")?;
//!
//! // The first step: nobody knows where the endpoint is.
//! let Step::Send(request) = flow.resume(&provider, now, Input::Go)? else { unreachable!() };
//! assert_eq!(request.endpoint(), Endpoint::Discovery);
//! assert_eq!(request.http().uri().path(), "/.well-known/openid-configuration");
//!
//! // It carries a ticket: the answer is for everyone. Write it down, success or failure.
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
//! A whole driver, over a plain TCP stream, is the example `by_hand` in the repository.
//!
//! # Features
//!
//! | feature | what it does |
//! |---|---|
//! | `aws-lc-rs` (default) | RS256 with pre-parsed keys, and encrypted ID tokens; needs a C compiler |
//! | `rust-crypto` | RS256 in pure Rust, some twelve times slower, for targets without a C compiler |
//!
//! Both may be on; the client then uses aws-lc-rs unless [`Config::crypto_backend`] says otherwise.
//! With neither, building a client is an error.

mod access_token_info;
mod acr;
mod answer;
mod ascii;
mod authorization;
mod base64url;
mod callback;
mod client;
mod config;
mod crypto;
mod error;
mod flow;
#[cfg(test)]
mod foreign;
mod hash;
mod json;
mod jwk;
mod metadata;
mod parameters;
mod pending_login;
mod pkce;
mod place;
mod provider;
mod request;
mod requirements;
mod secret;
mod time;
mod token;
mod tokens;
mod user_info;
mod verified_tokens;
mod webhook;

pub use self::{
    access_token_info::AccessTokenInfo,
    acr::Acr,
    authorization::AuthorizationRequest,
    client::Client,
    config::{ClientAuthentication, Config},
    crypto::Backend,
    error::{
        AccessTokenError, ArgumentError, CallbackError, CallbackFault, Cause, ConfigError, Detail,
        DetailItem, Error, IdTokenError, ProviderError, Report, RequestError, ResponseError,
        TokenFault, WebhookError,
    },
    flow::{
        AuthUrl, FinishLogin, Flow, Input, Login, LoginRedirect, Step, TokenExchange, UserRequest,
        ValidateAccessToken,
    },
    hash::{is_valid_hash, validation_hash},
    json::JsonError,
    parameters::{CodeExchange, RefreshRequest},
    pending_login::PendingLogin,
    pkce::{CodeChallenge, Pkce},
    provider::{Provider, Ticket},
    request::{Endpoint, Request, Response},
    requirements::Requirements,
    secret::Secret,
    time::UnixTime,
    tokens::Tokens,
    user_info::UserInfo,
    verified_tokens::{HashedToken, VerifiedTokens},
    webhook::{WebhookEvent, verify_webhook},
};
