//! The operations as the scenarios call them: each is written once, for both drivers.

use std::sync::LazyLock;

use fief_proto::{
    AccessTokenInfo, AuthorizationRequest, CodeExchange, Config, EmailCode, Error, LoginRedirect,
    NewEmail, NewPassword, PendingLogin, RefreshRequest, Requirements, Tokens, UserInfo,
    WebhookEvent,
};
use fief_transport::{Proxy, TransportOptions};
use http::HeaderMap;
use serde_json::Value;
use tokio::runtime::Runtime;

/// The blocking driver.
pub struct Ureq(fief_ureq::Fief);

/// The async driver, on a runtime that all share.
pub struct Hyper(fief_hyper::Fief);

macro_rules! operations {
    (
        local {
            $($local:ident($($local_argument:ident: $local_kind:ty),*) -> $local_output:ty;)*
        }
        remote {
            $($remote:ident($($argument:ident: $kind:ty),*) -> $output:ty;)*
        }
    ) => {
        pub trait Driver: Sized {
            fn open(config: Config) -> Self;
            $(fn $local(&self, $($local_argument: $local_kind),*) -> Result<$local_output, Error>;)*
            $(fn $remote(&self, $($argument: $kind),*) -> Result<$output, Error>;)*
        }

        impl Driver for Ureq {
            fn open(config: Config) -> Self {
                Self(fief_ureq::Fief::builder(config).transport_options(direct()).build().unwrap())
            }

            $(fn $local(&self, $($local_argument: $local_kind),*) -> Result<$local_output, Error> {
                self.0.$local($($local_argument),*)
            })*

            $(fn $remote(&self, $($argument: $kind),*) -> Result<$output, Error> {
                self.0.$remote($($argument),*)
            })*
        }

        impl Driver for Hyper {
            fn open(config: Config) -> Self {
                Self(fief_hyper::Fief::builder(config).transport_options(direct()).build().unwrap())
            }

            $(fn $local(&self, $($local_argument: $local_kind),*) -> Result<$local_output, Error> {
                self.0.$local($($local_argument),*)
            })*

            $(fn $remote(&self, $($argument: $kind),*) -> Result<$output, Error> {
                RUNTIME.block_on(self.0.$remote($($argument),*))
            })*
        }
    };
}

operations! {
    local {
        logout_url(redirect_uri: &str) -> String;
        verify_webhook(secret: &str, headers: &HeaderMap, body: &[u8]) -> WebhookEvent;
    }
    remote {
        auth_callback(exchange: CodeExchange) -> (Tokens, UserInfo);
        auth_refresh_token(request: RefreshRequest) -> (Tokens, UserInfo);
        auth_url(request: AuthorizationRequest) -> String;
        change_password(token: &str, password: &NewPassword) -> UserInfo;
        email_change(token: &str, email: &NewEmail) -> UserInfo;
        email_verify(token: &str, code: &EmailCode) -> UserInfo;
        finish_login(pending: PendingLogin, callback: &str) -> (Tokens, UserInfo);
        login(request: AuthorizationRequest) -> LoginRedirect;
        update_profile(token: &str, data: &Value) -> UserInfo;
        userinfo(token: &str) -> UserInfo;
        userinfo_of(token: &str, subject: &str) -> UserInfo;
        validate_access_token(token: &str, requirements: &Requirements) -> AccessTokenInfo;
    }
}

/// The server is on this machine, whatever proxy the environment names.
fn direct() -> TransportOptions {
    TransportOptions { proxy: Proxy::None, ..TransportOptions::default() }
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
