//! How a call failed, as far as vectors can see it.

use std::error::Error;

use fief_proto::{AccessTokenError, CallbackError, Detail, Error as FiefError, Refusal};
use serde_json::{Map, Value, json};

/// A failed call.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The stable name of the error.
    pub kind: String,
    /// Its stable reason.
    pub reason: Option<String>,
    /// The messages of the error and its sources.
    pub message: String,
    /// How the error is shown to programmers.
    pub debug: String,
    /// Further facts by name.
    pub details: Map<String, Value>,
}

impl Failure {
    /// The runtime for the call can't be started.
    pub fn runtime(error: &(dyn Error + 'static)) -> Self {
        Self::new("runtime", None, error, Map::new())
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

impl From<FiefError> for Failure {
    fn from(error: FiefError) -> Self {
        Self::new(error.kind(), error.reason(), &error, details(&error))
    }
}

fn details(error: &FiefError) -> Map<String, Value> {
    let details = match error {
        FiefError::AccessToken(error) => access_token(error),
        FiefError::Callback(CallbackError::Denied { error, description }) => {
            json!({"error": error, "description": description})
        }
        FiefError::Refused(error) => refusal(error),
        FiefError::Response(error) => json!({"endpoint": error.endpoint().as_str()}),
        FiefError::Unchecked { reason, refresh_token } => {
            json!({"unchecked": reason.kind(), "refresh_token": refresh_token})
        }
        _ => Value::Null,
    };
    let mut details = match details {
        Value::Object(details) => details,
        _ => Map::new(),
    };
    details.insert("is_transient".into(), error.is_transient().into());
    details.insert("never_sent".into(), error.never_sent().into());
    details
}

fn access_token(error: &AccessTokenError) -> Value {
    json!({"http_status": error.status(), "rfc6750_code": error.code()})
}

fn refusal(error: &Refusal) -> Value {
    let detail = match error.detail() {
        None => Value::Null,
        Some(Detail::Code(code)) => json!(code),
        Some(Detail::List(items)) => items
            .iter()
            .map(|item| json!({"kind": item.kind, "loc": item.loc, "msg": item.msg}))
            .collect(),
        Some(_) => json!("of a form that is not known here"),
    };
    json!({
        "endpoint": error.endpoint().as_str(),
        "status": error.status(),
        "oauth_error": error.oauth_error(),
        "is_invalid_grant": error.is_invalid_grant(),
        "description": error.description(),
        "detail": detail,
        "reasons": error.reasons(),
        "retry_after": error.retry_after().map(|wait| wait.as_secs()),
        "redirect_host": error.redirect_host(),
    })
}
