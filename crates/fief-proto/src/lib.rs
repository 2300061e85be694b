//! The sans-IO core of the Fief client.

mod access_token_info;
mod acr;
mod answer;
mod authorization;
mod callback;
mod client;
mod config;
mod crypto;
mod error;
mod flow;
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
mod webhook;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

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
    webhook::{WebhookEvent, verify_webhook},
};

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
