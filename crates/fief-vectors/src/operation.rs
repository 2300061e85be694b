//! The operations and their arguments.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Declares the operations: each with its arguments, strict, and named as the client names them.
macro_rules! operations {
    ($($operation:literal $name:ident {
        $($(#[$attribute:meta])* $field:ident: $type:ty,)*
    })*) => {
        /// An operation with its arguments.
        #[derive(Clone, Debug)]
        #[allow(missing_docs)] // Named as the client's methods.
        pub enum Operation {
            $($name($name),)*
        }

        impl Operation {
            /// Reads an operation, strictly.
            /// # Errors
            ///
            /// If an argument is wrong, which the error names, or there is no such operation.
            pub fn parse(name: &str, arguments: &Map<String, Value>) -> Result<Self, String> {
                let arguments = Value::Object(arguments.clone());
                let read = match name {
                    $($operation => serde_json::from_value(arguments).map(Self::$name),)*
                    _ => return Err(format!("there is no operation `{name}`")),
                };
                read.map_err(|error| format!("arguments of `{name}`: {error}"))
            }
        }

        /// The names of all operations, each with those of its arguments and their types.
        pub const OPERATIONS: &[(&str, &[&str])] = &[
            $(($operation, &[$(concat!(stringify!($field), ": ", stringify!($type))),*]),)*
        ];

        $(
            #[doc = concat!("The arguments of `", $operation, "`.")]
            #[derive(Clone, Debug, Deserialize)]
            #[serde(deny_unknown_fields)]
            #[allow(missing_docs)]
            pub struct $name { $($(#[$attribute])* pub $field: $type,)* }
        )*
    };
}

operations! {
    "auth_callback" AuthCallback {
        code: String,
        redirect_uri: String,
        code_verifier: Option<String>,
        nonce: Option<String>,
        max_age: Option<u64>,
    }
    "auth_refresh_token" AuthRefreshToken {
        refresh_token: String,
        #[serde(default)]
        scope: Vec<String>,
        previous: Option<Value>,
    }
    "auth_url" AuthUrl {
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
    "change_password" ChangePassword { token: String, password: String, }
    "configure" Configure {}
    "email_change" EmailChange { token: String, email: String, }
    "email_verify" EmailVerify { token: String, code: String, }
    "finish_login" FinishLogin { pending: Value, callback: String, }
    "finish_login_with_code" FinishLoginWithCode { pending: Value, code: String, }
    "login" Login {
        authorization: AuthUrl,
        /// 96 bytes, in hexadecimal digits.
        entropy: String,
    }
    "logout_url" LogoutUrl { redirect_uri: String, }
    "pkce" Pkce {
        verifier: Option<String>,
        /// 32 bytes, in hexadecimal digits, instead of a verifier.
        entropy: Option<String>,
        #[serde(default)]
        plain: bool,
    }
    "update_profile" UpdateProfile { token: String, data: Value, }
    "userinfo" Userinfo { token: String, subject: Option<String>, }
    "validate_access_token" ValidateAccessToken {
        token: String,
        #[serde(default)]
        scope: Vec<String>,
        acr: Option<String>,
        #[serde(default)]
        permissions: Vec<String>,
    }
    "validate_id_token" ValidateIdToken {
        token: String,
        access_token: Option<String>,
        nonce: Option<String>,
        max_age: Option<u64>,
        acr: Option<String>,
    }
    "validation_hash" ValidationHash { value: String, }
    "verify_webhook" VerifyWebhook { secret: String, headers: Vec<(String, String)>, body: String, }
}
