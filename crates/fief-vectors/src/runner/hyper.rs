//! The async driver, on a runtime of its own.

use std::sync::Arc;

use fief_hyper::Fief;
use fief_proto::{
    AccessTokenInfo, AuthorizationRequest, CodeExchange, LoginRedirect, PendingLogin,
    RefreshRequest, Request, Requirements, Tokens, UserInfo, WebhookEvent,
};
use http::HeaderMap;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use super::{Failure, Outcome, Runner, Stage, answer};
use crate::format::Transport;

/// The driver `fief-hyper`.
#[derive(Debug)]
pub struct Hyper {
    fief: Fief,
    runtime: Runtime,
}

impl Runner for Hyper {
    const NAME: &'static str = "hyper";
    const HAS_SOCKETS: bool = true;

    fn start(stage: &Stage) -> Outcome<Self> {
        let clock = stage.clock.clone();
        let mut builder = Fief::builder(stage.config.clone())
            .transport_options(stage.options.clone())
            .provider(stage.provider.clone())
            .verified_token_cache(stage.verified_tokens)
            .clock(move || clock.now());
        if stage.transport == Transport::Script {
            let (script, origin) = (Arc::clone(&stage.script), stage.origin.clone());
            builder = builder.transport(move |request: &Request| {
                let answer = answer(&script, &origin, request);
                async { answer }
            });
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::transport("runtime", &error))?;
        Ok(Self { fief: builder.build()?, runtime })
    }

    fn auth_callback(&self, exchange: CodeExchange) -> Outcome<(Tokens, UserInfo)> {
        Ok(self.runtime.block_on(self.fief.auth_callback(exchange))?)
    }
    fn auth_refresh_token(&self, request: RefreshRequest) -> Outcome<(Tokens, UserInfo)> {
        Ok(self.runtime.block_on(self.fief.auth_refresh_token(request))?)
    }
    fn auth_url(&self, request: AuthorizationRequest) -> Outcome<String> {
        Ok(self.runtime.block_on(self.fief.auth_url(request))?)
    }
    fn change_password(&self, token: &str, password: &str) -> Outcome<UserInfo> {
        Ok(self.runtime.block_on(self.fief.change_password(token, password))?)
    }
    fn email_change(&self, token: &str, email: &str) -> Outcome<UserInfo> {
        Ok(self.runtime.block_on(self.fief.email_change(token, email))?)
    }
    fn email_verify(&self, token: &str, code: &str) -> Outcome<UserInfo> {
        Ok(self.runtime.block_on(self.fief.email_verify(token, code))?)
    }
    fn finish_login(&self, pending: PendingLogin, callback: &str) -> Outcome<(Tokens, UserInfo)> {
        Ok(self.runtime.block_on(self.fief.finish_login(pending, callback))?)
    }
    fn finish_login_with_code(
        &self,
        pending: PendingLogin,
        code: &str,
    ) -> Outcome<(Tokens, UserInfo)> {
        Ok(self.runtime.block_on(self.fief.finish_login_with_code(pending, code))?)
    }
    fn login(&self, request: AuthorizationRequest, entropy: &[u8; 96]) -> Outcome<LoginRedirect> {
        Ok(self.runtime.block_on(self.fief.run(self.fief.client().login(request, entropy)?))?)
    }
    fn logout_url(&self, redirect_uri: &str) -> Outcome<String> {
        Ok(self.fief.logout_url(redirect_uri)?)
    }
    fn update_profile(&self, token: &str, data: &Value) -> Outcome<UserInfo> {
        Ok(self.runtime.block_on(self.fief.update_profile(token, data))?)
    }
    fn userinfo(&self, token: &str) -> Outcome<UserInfo> {
        Ok(self.runtime.block_on(self.fief.userinfo(token))?)
    }
    fn userinfo_of(&self, token: &str, subject: &str) -> Outcome<UserInfo> {
        Ok(self.runtime.block_on(self.fief.userinfo_of(token, subject))?)
    }
    fn validate_access_token(
        &self,
        token: &str,
        requirements: &Requirements,
    ) -> Outcome<AccessTokenInfo> {
        Ok(self.runtime.block_on(self.fief.validate_access_token(token, requirements))?)
    }
    fn verify_webhook(
        &self,
        secret: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Outcome<WebhookEvent> {
        Ok(self.fief.verify_webhook(secret, headers, body)?)
    }
}
