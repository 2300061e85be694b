//! Every operation of the client, once, for all runners and for the tests against a server. One that
//! a runner lacks does not compile.

use fief_proto::{
    AccessTokenInfo, AuthorizationRequest, CodeExchange, EmailCode, Error, IdTokenChecks,
    LoginRedirect, NewEmail, NewPassword, PendingLogin, Provider, RefreshRequest, Requirements,
    Tokens, UserInfo, WebhookEvent,
};
use http::HeaderMap;
use serde_json::Value;

use super::{ByHand, Hyper, Outcome, Stage, Ureq};

/// A way to drive the client.
#[allow(missing_docs, clippy::missing_errors_doc)]
pub trait Runner: Operations + Sized {
    /// The name of the runner.
    const NAME: &'static str;
    /// Whether requests with the transport `socket` really go through one.
    const HAS_SOCKETS: bool;

    /// Builds the client.
    fn start(stage: &Stage) -> Outcome<Self>;

    /// What is known of the provider at this moment.
    fn provider(&self) -> Provider;
}

macro_rules! operations {
    (
        fallible { $($fallible:ident($($f_name:ident: $f_kind:ty),*) -> $f_output:ty;)* }
        infallible { $($infallible:ident($($i_name:ident: $i_kind:ty),*) -> $i_output:ty;)* }
    ) => {
        /// The operations of a client.
        #[allow(missing_docs, clippy::missing_errors_doc)] // Named as the client's methods.
        pub trait Operations {
            $(fn $fallible(&self, $($f_name: $f_kind),*) -> Result<$f_output, Error>;)*
            $(fn $infallible(&self, $($i_name: $i_kind),*) -> Result<$i_output, Error>;)*
            fn login_from(&self, request: AuthorizationRequest, entropy: &[u8; 96])
            -> Result<LoginRedirect, Error>;
            fn logout_url(&self, redirect_uri: &str) -> Result<String, Error>;
            fn validate_access_token(&self, token: &str, requirements: &Requirements)
            -> Result<AccessTokenInfo, Error>;
            fn verify_webhook(&self, secret: &str, headers: &HeaderMap, body: &[u8])
            -> Result<WebhookEvent, Error>;
        }

        impl Operations for ByHand {
            $(fn $fallible(&self, $($f_name: $f_kind),*) -> Result<$f_output, Error> {
                self.drive(self.client.$fallible($($f_name),*)?)
            })*
            $(fn $infallible(&self, $($i_name: $i_kind),*) -> Result<$i_output, Error> {
                self.drive(self.client.$infallible($($i_name),*))
            })*
            fn login_from(&self, request: AuthorizationRequest, entropy: &[u8; 96])
            -> Result<LoginRedirect, Error> {
                self.drive(self.client.login(request, entropy)?)
            }
            fn logout_url(&self, redirect_uri: &str) -> Result<String, Error> {
                self.client.logout_url(redirect_uri)
            }
            fn validate_access_token(&self, token: &str, requirements: &Requirements)
            -> Result<AccessTokenInfo, Error> {
                self.validate(token, requirements)
            }
            fn verify_webhook(&self, secret: &str, headers: &HeaderMap, body: &[u8])
            -> Result<WebhookEvent, Error> {
                fief_proto::verify_webhook(secret, headers, body, self.now())
            }
        }

        operations!(@driver Ureq,
            [$($fallible($($f_name: $f_kind),*) -> $f_output;)*
             $($infallible($($i_name: $i_kind),*) -> $i_output;)*]);
        operations!(@driver Hyper,
            [$($fallible($($f_name: $f_kind),*) -> $f_output;)*
             $($infallible($($i_name: $i_kind),*) -> $i_output;)*]);
    };
    (@driver $driver:ident, [$($name:ident($($argument:ident: $kind:ty),*) -> $output:ty;)*]) => {
        impl Operations for $driver {
            $(fn $name(&self, $($argument: $kind),*) -> Result<$output, Error> {
                self.run(self.fief.$name($($argument),*))
            })*
            fn login_from(&self, request: AuthorizationRequest, entropy: &[u8; 96])
            -> Result<LoginRedirect, Error> {
                let flow = self.fief.client().login(request, entropy)?;
                self.run(self.fief.run(flow))
            }
            fn logout_url(&self, redirect_uri: &str) -> Result<String, Error> {
                self.fief.logout_url(redirect_uri)
            }
            fn validate_access_token(&self, token: &str, requirements: &Requirements)
            -> Result<AccessTokenInfo, Error> {
                self.run(self.fief.validate_access_token(token, requirements))
            }
            fn verify_webhook(&self, secret: &str, headers: &HeaderMap, body: &[u8])
            -> Result<WebhookEvent, Error> {
                self.fief.verify_webhook(secret, headers, body)
            }
        }
    };
}

operations! {
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
