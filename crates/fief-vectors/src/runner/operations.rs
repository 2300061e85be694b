//! Every operation of the client, once, for all runners. If a runner lacks one, it does not
//! compile.

use fief_proto::{
    AccessTokenInfo, AuthorizationRequest, CodeExchange, EmailCode, IdTokenChecks, LoginRedirect,
    NewEmail, NewPassword, PendingLogin, Provider, RefreshRequest, Requirements, Tokens, UserInfo,
    WebhookEvent,
};
use http::HeaderMap;
use serde_json::Value;

use super::{ByHand, Hyper, Outcome, Stage, Ureq};

macro_rules! runners {
    (
        fallible { $($fallible:ident($($f_name:ident: $f_kind:ty),*) -> $f_output:ty;)* }
        infallible { $($infallible:ident($($i_name:ident: $i_kind:ty),*) -> $i_output:ty;)* }
    ) => {
        /// A way to drive the client.
        #[allow(missing_docs, clippy::missing_errors_doc)] // Named as the client's methods.
        pub trait Runner: Sized {
            /// The name of the runner.
            const NAME: &'static str;
            /// Whether requests with the transport `socket` really go through one.
            const HAS_SOCKETS: bool;

            /// Builds the client.
            fn start(stage: &Stage) -> Outcome<Self>;

            /// What is known of the provider at this moment.
            fn provider(&self) -> Provider;

            $(fn $fallible(&self, $($f_name: $f_kind),*) -> Outcome<$f_output>;)*
            $(fn $infallible(&self, $($i_name: $i_kind),*) -> Outcome<$i_output>;)*
            fn login(&self, request: AuthorizationRequest, entropy: &[u8; 96])
            -> Outcome<LoginRedirect>;
            fn logout_url(&self, redirect_uri: &str) -> Outcome<String>;
            fn validate_access_token(&self, token: &str, requirements: &Requirements)
            -> Outcome<AccessTokenInfo>;
            fn verify_webhook(&self, secret: &str, headers: &HeaderMap, body: &[u8])
            -> Outcome<WebhookEvent>;
        }

        impl Runner for ByHand {
            const NAME: &'static str = "by-hand";
            const HAS_SOCKETS: bool = false;

            fn start(stage: &Stage) -> Outcome<Self> {
                Self::new(stage)
            }
            fn provider(&self) -> Provider {
                self.known()
            }
            $(fn $fallible(&self, $($f_name: $f_kind),*) -> Outcome<$f_output> {
                self.drive(self.client.$fallible($($f_name),*)?)
            })*
            $(fn $infallible(&self, $($i_name: $i_kind),*) -> Outcome<$i_output> {
                self.drive(self.client.$infallible($($i_name),*))
            })*
            fn login(&self, request: AuthorizationRequest, entropy: &[u8; 96])
            -> Outcome<LoginRedirect> {
                self.drive(self.client.login(request, entropy)?)
            }
            fn logout_url(&self, redirect_uri: &str) -> Outcome<String> {
                Ok(self.client.logout_url(redirect_uri)?)
            }
            fn validate_access_token(&self, token: &str, requirements: &Requirements)
            -> Outcome<AccessTokenInfo> {
                self.validate(token, requirements)
            }
            fn verify_webhook(&self, secret: &str, headers: &HeaderMap, body: &[u8])
            -> Outcome<WebhookEvent> {
                Ok(fief_proto::verify_webhook(secret, headers, body, self.now())?)
            }
        }

        runners!(@driver Ureq, "ureq", run,
            [$($fallible($($f_name: $f_kind),*) -> $f_output;)*]
            [$($infallible($($i_name: $i_kind),*) -> $i_output;)*]);
        runners!(@driver Hyper, "hyper", block_on,
            [$($fallible($($f_name: $f_kind),*) -> $f_output;)*]
            [$($infallible($($i_name: $i_kind),*) -> $i_output;)*]);
    };
    (
        @driver $runner:ident, $name:literal, $run:ident,
        [$($fallible:ident($($f_name:ident: $f_kind:ty),*) -> $f_output:ty;)*]
        [$($infallible:ident($($i_name:ident: $i_kind:ty),*) -> $i_output:ty;)*]
    ) => {
        impl Runner for $runner {
            const NAME: &'static str = $name;
            const HAS_SOCKETS: bool = true;

            fn start(stage: &Stage) -> Outcome<Self> {
                Self::new(stage)
            }
            fn provider(&self) -> Provider {
                self.fief.provider()
            }
            $(fn $fallible(&self, $($f_name: $f_kind),*) -> Outcome<$f_output> {
                Ok(self.$run(self.fief.$fallible($($f_name),*))?)
            })*
            $(fn $infallible(&self, $($i_name: $i_kind),*) -> Outcome<$i_output> {
                Ok(self.$run(self.fief.$infallible($($i_name),*))?)
            })*
            fn login(&self, request: AuthorizationRequest, entropy: &[u8; 96])
            -> Outcome<LoginRedirect> {
                let flow = self.fief.client().login(request, entropy)?;
                Ok(self.$run(self.fief.run(flow))?)
            }
            fn logout_url(&self, redirect_uri: &str) -> Outcome<String> {
                Ok(self.fief.logout_url(redirect_uri)?)
            }
            fn validate_access_token(&self, token: &str, requirements: &Requirements)
            -> Outcome<AccessTokenInfo> {
                Ok(self.$run(self.fief.validate_access_token(token, requirements))?)
            }
            fn verify_webhook(&self, secret: &str, headers: &HeaderMap, body: &[u8])
            -> Outcome<WebhookEvent> {
                Ok(self.fief.verify_webhook(secret, headers, body)?)
            }
        }
    };
}

runners! {
    fallible {
        auth_callback(exchange: CodeExchange) -> (Tokens, UserInfo);
        auth_refresh_token(request: RefreshRequest) -> (Tokens, UserInfo);
        auth_url(request: AuthorizationRequest) -> String;
        change_password(token: &str, password: &NewPassword) -> UserInfo;
        email_change(token: &str, email: &NewEmail) -> UserInfo;
        email_verify(token: &str, code: &EmailCode) -> UserInfo;
        update_profile(token: &str, data: &Value) -> UserInfo;
        userinfo(token: &str) -> UserInfo;
        userinfo_of(token: &str, subject: &str) -> UserInfo;
    }
    infallible {
        finish_login(pending: PendingLogin, callback: &str) -> (Tokens, UserInfo);
        finish_login_with_code(pending: PendingLogin, code: &str) -> (Tokens, UserInfo);
        validate_id_token(token: &str, checks: &IdTokenChecks) -> UserInfo;
    }
}
