//! The operations and their arguments.

use serde::Deserialize;
use serde_json::{Map, Value};

/// An operation with its arguments.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // Named as the client's methods.
pub enum Operation {
    AuthCallback(AuthCallback),
    AuthRefreshToken(AuthRefreshToken),
    AuthUrl(Authorization),
    ChangePassword(ChangePassword),
    /// Building the client.
    Configure(Configure),
    EmailChange(EmailChange),
    EmailVerify(EmailVerify),
    FinishLogin(FinishLogin),
    FinishLoginWithCode(FinishLoginWithCode),
    Login(Login),
    LogoutUrl(LogoutUrl),
    Pkce(Pkce),
    UpdateProfile(UpdateProfile),
    Userinfo(Userinfo),
    ValidateAccessToken(ValidateAccessToken),
    ValidateIdToken(ValidateIdToken),
    ValidationHash(ValidationHash),
    VerifyWebhook(VerifyWebhook),
}

impl Operation {
    /// Reads an operation, strictly.
    ///
    /// # Errors
    /// Says which argument is wrong, or that there is no such operation.
    pub fn parse(name: &str, arguments: &Map<String, Value>) -> Result<Self, String> {
        let arguments = Value::Object(arguments.clone());
        let read = match name {
            "auth_callback" => serde_json::from_value(arguments).map(Self::AuthCallback),
            "auth_refresh_token" => serde_json::from_value(arguments).map(Self::AuthRefreshToken),
            "auth_url" => serde_json::from_value(arguments).map(Self::AuthUrl),
            "change_password" => serde_json::from_value(arguments).map(Self::ChangePassword),
            "configure" => serde_json::from_value(arguments).map(Self::Configure),
            "email_change" => serde_json::from_value(arguments).map(Self::EmailChange),
            "email_verify" => serde_json::from_value(arguments).map(Self::EmailVerify),
            "finish_login" => serde_json::from_value(arguments).map(Self::FinishLogin),
            "finish_login_with_code" => {
                serde_json::from_value(arguments).map(Self::FinishLoginWithCode)
            }
            "login" => serde_json::from_value(arguments).map(Self::Login),
            "logout_url" => serde_json::from_value(arguments).map(Self::LogoutUrl),
            "pkce" => serde_json::from_value(arguments).map(Self::Pkce),
            "update_profile" => serde_json::from_value(arguments).map(Self::UpdateProfile),
            "userinfo" => serde_json::from_value(arguments).map(Self::Userinfo),
            "validate_access_token" => {
                serde_json::from_value(arguments).map(Self::ValidateAccessToken)
            }
            "validate_id_token" => serde_json::from_value(arguments).map(Self::ValidateIdToken),
            "validation_hash" => serde_json::from_value(arguments).map(Self::ValidationHash),
            "verify_webhook" => serde_json::from_value(arguments).map(Self::VerifyWebhook),
            _ => return Err(format!("there is no operation `{name}`")),
        };
        read.map_err(|error| format!("arguments of `{name}`: {error}"))
    }
}

/// Declares the arguments of operations: strict, and named as the client names them.
macro_rules! arguments {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$attribute])* pub $field: $type,)* }
    )* };
}

arguments! {
    /// Of `auth_callback`.
    AuthCallback {
        code: String,
        redirect_uri: String,
        code_verifier: Option<String>,
        nonce: Option<String>,
        max_age: Option<u64>,
    }
    /// Of `auth_refresh_token`.
    AuthRefreshToken {
        refresh_token: String,
        #[serde(default)]
        scope: Vec<String>,
        previous: Option<Value>,
    }
    /// Of `auth_url`, and of `login` beside its entropy.
    Authorization {
        redirect_uri: String,
        #[serde(default)]
        scope: Vec<String>,
        state: Option<String>,
        nonce: Option<String>,
        pkce: Option<Pkce>,
        prompt: Option<String>,
        screen: Option<String>,
        login_hint: Option<String>,
        #[serde(default)]
        acr_values: Vec<String>,
        max_age: Option<u64>,
        lang: Option<String>,
        #[serde(default)]
        extra: Vec<(String, String)>,
    }
    /// Of `change_password`.
    ChangePassword { token: String, password: String, }
    /// Of `configure`: none.
    Configure {}
    /// Of `email_change`.
    EmailChange { token: String, email: String, }
    /// Of `email_verify`.
    EmailVerify { token: String, code: String, }
    /// Of `finish_login`.
    FinishLogin { pending: Value, callback: String, }
    /// Of `finish_login_with_code`.
    FinishLoginWithCode { pending: Value, code: String, }
    /// Of `login`.
    Login {
        authorization: Authorization,
        /// 96 bytes, in hexadecimal digits.
        entropy: String,
    }
    /// Of `logout_url`.
    LogoutUrl { redirect_uri: String, }
    /// Of `pkce`, and the challenge of an authorization request.
    Pkce {
        verifier: Option<String>,
        /// 32 bytes, in hexadecimal digits, instead of a verifier.
        entropy: Option<String>,
        #[serde(default)]
        plain: bool,
    }
    /// Of `update_profile`.
    UpdateProfile { token: String, data: Value, }
    /// Of `userinfo`, and with a subject of `userinfo_of`.
    Userinfo { token: String, subject: Option<String>, }
    /// Of `validate_access_token`.
    ValidateAccessToken {
        token: String,
        #[serde(default)]
        scope: Vec<String>,
        acr: Option<String>,
        #[serde(default)]
        permissions: Vec<String>,
    }
    /// Of `validate_id_token`.
    ValidateIdToken {
        token: String,
        access_token: Option<String>,
        nonce: Option<String>,
        max_age: Option<u64>,
        acr: Option<String>,
    }
    /// Of `validation_hash`.
    ValidationHash { value: String, }
    /// Of `verify_webhook`.
    VerifyWebhook { secret: String, headers: Vec<(String, String)>, body: String, }
}
