//! Where to send the user.

use std::{fmt, sync::Arc};

use super::{
    contract::{Flow, Input, Step},
    turn::{Pause, Turn, step},
};
use crate::{
    base::{secret::Secret, time::UnixTime},
    config::settings::Settings,
    error::{Error, provider::ProviderError},
    jose::base64url,
    oauth::{authorization_request::AuthorizationRequest, pending_login::PendingLogin, pkce::Pkce},
    provider::Provider,
};

/// Builds the authorization URL; see [`Client::auth_url`](crate::Client::auth_url).
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct AuthUrl {
    settings: Arc<Settings>,
    turn: Turn,
    request: AuthorizationRequest,
}

impl AuthUrl {
    pub(crate) fn new(settings: Arc<Settings>, request: AuthorizationRequest) -> Self {
        Self { settings, turn: Turn::default(), request }
    }

    fn run(&mut self, provider: &Provider, now: UnixTime) -> Result<String, Pause> {
        let metadata = self.turn.metadata(&self.settings, provider, now)?;
        Ok(self.request.url(&self.settings.client_id, &metadata.authorization_endpoint))
    }
}

impl Flow for AuthUrl {
    type Output = String;

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<String>, Error> {
        self.turn.accept(provider, input)?;
        step(self.run(provider, now))
    }
}

/// Where to send the user, and what to keep until they come back.
///
/// Keep `pending` where this user alone finds it again: an encrypted cookie, a session on the
/// server, the memory of a command-line tool.
pub struct LoginRedirect {
    /// The authorization URL.
    pub url: String,
    /// For [`Client::finish_login`](crate::Client::finish_login).
    pub pending: PendingLogin,
}

impl fmt::Debug for LoginRedirect {
    /// Without the URL, which holds `state` and `nonce`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRedirect").field("pending", &self.pending).finish_non_exhaustive()
    }
}

/// Begins a login; see [`Client::login`](crate::Client::login).
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct Login {
    settings: Arc<Settings>,
    turn: Turn,
    request: AuthorizationRequest,
    state: Secret,
    nonce: Secret,
    pkce: Pkce,
}

impl Login {
    /// The entropy goes, in order, into state, nonce and verifier, 32 bytes each.
    pub(crate) fn new(
        settings: Arc<Settings>,
        request: AuthorizationRequest,
        entropy: &[u8; 96],
    ) -> Self {
        let (state, rest) = entropy.split_at(32);
        let (nonce, verifier) = rest.split_at(32);
        let state = Secret::from(base64url::encode(state));
        let nonce = Secret::from(base64url::encode(nonce));
        let pkce = Pkce::of(verifier);
        let request = request
            .with_openid()
            .state(state.expose())
            .nonce(nonce.expose())
            .code_challenge(pkce.challenge());
        Self { settings, turn: Turn::default(), request, state, nonce, pkce }
    }

    fn run(&mut self, provider: &Provider, now: UnixTime) -> Result<LoginRedirect, Pause> {
        let metadata = self.turn.metadata(&self.settings, provider, now)?;
        if !metadata.supports_s256 {
            return Err(ProviderError::CodeChallengeMethods.into());
        }
        Ok(LoginRedirect {
            url: self.request.url(&self.settings.client_id, &metadata.authorization_endpoint),
            pending: PendingLogin {
                state: self.state.clone(),
                nonce: self.nonce.clone(),
                code_verifier: self.pkce.verifier().clone(),
                redirect_uri: self.request.redirect_uri().to_owned(),
                issuer: metadata.issuer.clone(),
                max_age: self.request.asked_max_age(),
                acr: self.request.asked_acr(),
                created_at: now,
            },
        })
    }
}

impl Flow for Login {
    type Output = LoginRedirect;

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<LoginRedirect>, Error> {
        self.turn.accept(provider, input)?;
        step(self.run(provider, now))
    }
}
