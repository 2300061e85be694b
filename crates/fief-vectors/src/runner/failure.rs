//! How a call failed, as far as vectors can see it.

use std::error::Error;

use fief_proto::{
    AccessTokenError, CallbackError, Detail, Endpoint, Error as ProtocolError, ProviderError,
    RequestError,
};
use serde_json::{Map, Value, json};

use super::ScriptedFault;

/// A failed call.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The stable name of the error.
    pub kind: String,
    /// Its stable reason.
    pub reason: Option<String>,
    /// The texts of the error and its sources.
    pub message: String,
    /// How the error is shown to programmers.
    pub debug: String,
    /// Further facts by name.
    pub details: Map<String, Value>,
}

impl Failure {
    /// The failure of a transport, with the reason that the driver gives.
    pub fn transport(reason: &str, error: &(dyn Error + 'static)) -> Self {
        Self::new("transport", Some(reason), error, Map::new())
    }

    fn new(
        kind: &str,
        reason: Option<&str>,
        error: &(dyn Error + 'static),
        details: Map<String, Value>,
    ) -> Self {
        let mut message = vec![error.to_string()];
        let mut source = error.source();
        while let Some(error) = source {
            message.push(error.to_string());
            source = error.source();
        }
        Self {
            kind: kind.to_owned(),
            reason: reason.map(str::to_owned),
            message: message.join(": "),
            debug: format!("{error:?}"),
            details,
        }
    }
}

impl From<ProtocolError> for Failure {
    fn from(error: ProtocolError) -> Self {
        Self::new(error.kind(), error.reason(), &error, details(&error))
    }
}

/// Both drivers have this one.
impl From<fief_ureq::Error> for Failure {
    fn from(error: fief_ureq::Error) -> Self {
        match error {
            fief_ureq::Error::Protocol(error) => error.into(),
            other => Self::new(other.kind(), other.reason(), &other, Map::new()),
        }
    }
}

impl From<ScriptedFault> for Failure {
    fn from(fault: ScriptedFault) -> Self {
        Self::transport(fault.0.reason(), &fault)
    }
}

fn details(error: &ProtocolError) -> Map<String, Value> {
    let details = match error {
        ProtocolError::AccessToken(error) => access_token(error),
        ProtocolError::Callback(CallbackError::Denied { error, description }) => {
            json!({"error": error, "description": description})
        }
        ProtocolError::Provider(ProviderError::Refused(error)) => request(error),
        ProtocolError::Provider(ProviderError::Unreachable { endpoint, .. }) => {
            json!({"endpoint": endpoint_name(*endpoint)})
        }
        ProtocolError::Request(error) => request(error),
        ProtocolError::Response(error) => json!({"endpoint": endpoint_name(error.endpoint())}),
        _ => Value::Null,
    };
    match details {
        Value::Object(details) => details,
        _ => Map::new(),
    }
}

fn access_token(error: &AccessTokenError) -> Value {
    json!({"http_status": error.status(), "rfc6750_code": error.code()})
}

fn request(error: &RequestError) -> Value {
    let detail = match error.detail() {
        None => Value::Null,
        Some(Detail::Text(text)) => json!(text),
        Some(Detail::List(items)) => items
            .iter()
            .map(|item| json!({"kind": item.kind, "loc": item.loc, "msg": item.msg}))
            .collect(),
        Some(_) => json!("of a form that is not known here"),
    };
    json!({
        "endpoint": endpoint_name(error.endpoint()),
        "status": error.status(),
        "oauth_error": error.oauth_error(),
        "is_invalid_grant": error.is_invalid_grant(),
        "detail": detail,
        "reasons": error.reasons(),
        "retry_after": error.retry_after(),
        "redirect_host": error.redirect_host(),
    })
}

fn endpoint_name(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Discovery => "discovery",
        Endpoint::EmailChange => "email_change",
        Endpoint::EmailVerify => "email_verify",
        Endpoint::Keys => "keys",
        Endpoint::Password => "password",
        Endpoint::Profile => "profile",
        Endpoint::Token => "token",
        Endpoint::Userinfo => "userinfo",
        _ => "unknown",
    }
}
