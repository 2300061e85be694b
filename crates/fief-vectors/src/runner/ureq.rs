//! The blocking driver.

use std::sync::Arc;

use fief_proto::{
    AccessTokenInfo, AuthorizationRequest, CodeExchange, LoginRedirect, PendingLogin,
    RefreshRequest, Request, Requirements, Tokens, UserInfo, WebhookEvent,
};
use fief_ureq::Fief;
use http::HeaderMap;
use serde_json::Value;

use super::{Outcome, Runner, Stage, answer};
use crate::format::Transport;

/// The driver `fief-ureq`.
#[derive(Debug)]
pub struct Ureq(Fief);

impl Runner for Ureq {
    const NAME: &'static str = "ureq";
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
            builder = builder.transport(move |request: &Request| answer(&script, &origin, request));
        }
        Ok(Self(builder.build()?))
    }

    fn auth_callback(&self, exchange: CodeExchange) -> Outcome<(Tokens, UserInfo)> {
        Ok(self.0.auth_callback(exchange)?)
    }
    fn auth_refresh_token(&self, request: RefreshRequest) -> Outcome<(Tokens, UserInfo)> {
        Ok(self.0.auth_refresh_token(request)?)
    }
    fn auth_url(&self, request: AuthorizationRequest) -> Outcome<String> {
        Ok(self.0.auth_url(request)?)
    }
    fn change_password(&self, token: &str, password: &str) -> Outcome<UserInfo> {
        Ok(self.0.change_password(token, password)?)
    }
    fn email_change(&self, token: &str, email: &str) -> Outcome<UserInfo> {
        Ok(self.0.email_change(token, email)?)
    }
    fn email_verify(&self, token: &str, code: &str) -> Outcome<UserInfo> {
        Ok(self.0.email_verify(token, code)?)
    }
    fn finish_login(&self, pending: PendingLogin, callback: &str) -> Outcome<(Tokens, UserInfo)> {
        Ok(self.0.finish_login(pending, callback)?)
    }
    fn finish_login_with_code(
        &self,
        pending: PendingLogin,
        code: &str,
    ) -> Outcome<(Tokens, UserInfo)> {
        Ok(self.0.finish_login_with_code(pending, code)?)
    }
    fn login(&self, request: AuthorizationRequest, entropy: &[u8; 96]) -> Outcome<LoginRedirect> {
        Ok(self.0.run(self.0.client().login(request, entropy)?)?)
    }
    fn logout_url(&self, redirect_uri: &str) -> Outcome<String> {
        Ok(self.0.logout_url(redirect_uri)?)
    }
    fn update_profile(&self, token: &str, data: &Value) -> Outcome<UserInfo> {
        Ok(self.0.update_profile(token, data)?)
    }
    fn userinfo(&self, token: &str) -> Outcome<UserInfo> {
        Ok(self.0.userinfo(token)?)
    }
    fn userinfo_of(&self, token: &str, subject: &str) -> Outcome<UserInfo> {
        Ok(self.0.userinfo_of(token, subject)?)
    }
    fn validate_access_token(
        &self,
        token: &str,
        requirements: &Requirements,
    ) -> Outcome<AccessTokenInfo> {
        Ok(self.0.validate_access_token(token, requirements)?)
    }
    fn verify_webhook(
        &self,
        secret: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Outcome<WebhookEvent> {
        Ok(self.0.verify_webhook(secret, headers, body)?)
    }
}
