//! The core driven by hand: no sockets, no threads, the script answers.

use std::cell::RefCell;

use fief_proto::{
    AccessTokenInfo, AuthorizationRequest, Cause, Client, CodeExchange, Flow, HashedToken, Input,
    LoginRedirect, PendingLogin, Provider, RefreshRequest, Requirements, Step, Tokens, UserInfo,
    VerifiedTokens, WebhookEvent,
};
use http::HeaderMap;
use serde_json::Value;

use super::{Outcome, Runner, Stage, answer};

/// Steps of a flow after which it is stopped: three requests take four.
const STEPS: usize = 10;

/// The core, driven by hand.
#[derive(Debug)]
pub struct ByHand {
    client: Client,
    provider: RefCell<Provider>,
    verified: RefCell<VerifiedTokens>,
    stage: Stage,
}

impl ByHand {
    fn drive<F: Flow>(&self, mut flow: F) -> Outcome<F::Output> {
        let Stage { clock, script, origin, .. } = &self.stage;
        let mut input = Input::Go;
        for _ in 0..STEPS {
            let step = flow.resume(&self.provider.borrow(), clock.now(), input)?;
            let request = match step {
                Step::Done(output) => return Ok(output),
                Step::Send(request) => request,
            };
            input = match request.ticket() {
                None => Input::Response(answer(script, origin, &request)?),
                Some(ticket) => {
                    let mut provider = self.provider.borrow_mut();
                    if !provider.settled(&ticket) {
                        let outcome = answer(script, origin, &request).map_err(Cause::new);
                        self.client.learn(&mut provider, ticket, clock.now(), outcome);
                    }
                    Input::Go
                }
            };
        }
        script.complain(format!("a flow did not end in {STEPS} steps"));
        Err(fief_proto::Error::Misuse("too many steps").into())
    }
}

impl Runner for ByHand {
    const NAME: &'static str = "by-hand";
    const HAS_SOCKETS: bool = false;

    fn start(stage: &Stage) -> Outcome<Self> {
        let client = stage.config.clone().build()?;
        let provider = RefCell::new(stage.provider.clone());
        let verified = RefCell::new(VerifiedTokens::new(&client, stage.verified_tokens));
        Ok(Self { client, provider, verified, stage: stage.clone() })
    }

    fn auth_callback(&self, exchange: CodeExchange) -> Outcome<(Tokens, UserInfo)> {
        self.drive(self.client.auth_callback(exchange)?)
    }
    fn auth_refresh_token(&self, request: RefreshRequest) -> Outcome<(Tokens, UserInfo)> {
        self.drive(self.client.auth_refresh_token(request)?)
    }
    fn auth_url(&self, request: AuthorizationRequest) -> Outcome<String> {
        self.drive(self.client.auth_url(request)?)
    }
    fn change_password(&self, token: &str, password: &str) -> Outcome<UserInfo> {
        self.drive(self.client.change_password(token, password)?)
    }
    fn email_change(&self, token: &str, email: &str) -> Outcome<UserInfo> {
        self.drive(self.client.email_change(token, email)?)
    }
    fn email_verify(&self, token: &str, code: &str) -> Outcome<UserInfo> {
        self.drive(self.client.email_verify(token, code)?)
    }
    fn finish_login(&self, pending: PendingLogin, callback: &str) -> Outcome<(Tokens, UserInfo)> {
        self.drive(self.client.finish_login(pending, callback))
    }
    fn finish_login_with_code(
        &self,
        pending: PendingLogin,
        code: &str,
    ) -> Outcome<(Tokens, UserInfo)> {
        self.drive(self.client.finish_login_with_code(pending, code))
    }
    fn login(&self, request: AuthorizationRequest, entropy: &[u8; 96]) -> Outcome<LoginRedirect> {
        self.drive(self.client.login(request, entropy)?)
    }
    fn logout_url(&self, redirect_uri: &str) -> Outcome<String> {
        Ok(self.client.logout_url(redirect_uri)?)
    }
    fn update_profile(&self, token: &str, data: &Value) -> Outcome<UserInfo> {
        self.drive(self.client.update_profile(token, data)?)
    }
    fn userinfo(&self, token: &str) -> Outcome<UserInfo> {
        self.drive(self.client.userinfo(token)?)
    }
    fn userinfo_of(&self, token: &str, subject: &str) -> Outcome<UserInfo> {
        self.drive(self.client.userinfo_of(token, subject)?)
    }
    fn validate_access_token(
        &self,
        token: &str,
        requirements: &Requirements,
    ) -> Outcome<AccessTokenInfo> {
        let (mut verified, now) = (self.verified.borrow_mut(), self.stage.clock.now());
        let token = HashedToken::new(token);
        let known = verified.validate(&token, requirements, &self.provider.borrow(), now);
        if let Some(outcome) = known {
            return Ok(outcome.map_err(fief_proto::Error::from)?);
        }
        let mut flow = self.client.validate_access_token(token.as_str(), requirements);
        let info = self.drive(&mut flow)?;
        verified.keep(&token, &flow, &info, now);
        Ok(info)
    }
    fn verify_webhook(
        &self,
        secret: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Outcome<WebhookEvent> {
        Ok(fief_proto::verify_webhook(secret, headers, body, self.stage.clock.now())?)
    }
}
