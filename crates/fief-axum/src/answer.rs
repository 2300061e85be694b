//! What the client is told: RFC 6750 section 3 and RFC 9470 section 3.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use fief_hyper::{AccessTokenError, Error, Report};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use tracing::{debug, error, warn};

use crate::AuthError;

/// How many seconds a client is asked to wait while Fief is down.
const RETRY_AFTER: u32 = 5;
/// The longest wait that is handed on from Fief, in seconds.
const LONGEST_RETRY_AFTER: u32 = 60 * 60;

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(Value::Object(body(&self)))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            headers.insert(header::WWW_AUTHENTICATE, challenge(&self));
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl AuthError {
    /// How many seconds to wait before trying again, while Fief or the store is down.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::SessionStore(_) => Some(RETRY_AFTER),
            Self::Unavailable(error) => Some(retry_after(error)),
            _ => None,
        }
    }

    /// A sentence for the client: it names what is missing, and nothing of how we found out.
    fn description(&self) -> String {
        match self {
            Self::AccessToken(AccessTokenError::Expired { .. }) => {
                "the access token has expired".into()
            }
            Self::AccessToken(AccessTokenError::Invalid(_)) | Self::TokenRefused(_) => {
                "the access token is invalid".into()
            }
            Self::AccessToken(error) => error.to_string(),
            Self::NoToken => "an access token is required".into(),
            Self::Internal(_) | Self::Setup(_) => "the server is set up wrongly".into(),
            Self::SessionStore(_) | Self::Unavailable(_) => {
                "the authentication server can't be reached".into()
            }
            Self::Upstream(_) => "the authentication server answered with an error".into(),
        }
    }

    /// Writes down what the client is not told.
    pub(crate) fn log(&self) {
        let report = Report(self);
        match self {
            Self::NoToken => {}
            // The text names the option that is missing, if it is one.
            Self::AccessToken(AccessTokenError::Invalid(fault))
                if matches!(
                    fault.name(),
                    "wrong_audience" | "wrong_authorized_party" | "untrusted_audience"
                ) =>
            {
                warn!("{report}");
            }
            Self::AccessToken(_) | Self::TokenRefused(_) => debug!("{report}"),
            Self::Internal(_) | Self::Setup(_) => error!("{report}"),
            Self::SessionStore(_) | Self::Unavailable(_) | Self::Upstream(_) => {
                warn!("{report}");
            }
        }
    }
}

pub(crate) fn retry_after(error: &Error) -> u32 {
    let asked = error.retry_after().and_then(|wait| u32::try_from(wait.as_secs()).ok());
    asked.map_or(RETRY_AFTER, |seconds| seconds.min(LONGEST_RETRY_AFTER))
}

fn body(error: &AuthError) -> Map<String, Value> {
    let mut body = Map::new();
    let mut add = |name: &str, value: &str| body.insert(name.to_owned(), value.into());
    if let Some(code) = error.code() {
        add("error", code);
    }
    add("error_description", &error.description());
    if let Some((name, value)) = missing(error) {
        add(name, value);
    }
    body
}

fn challenge(error: &AuthError) -> HeaderValue {
    let mut text = r#"Bearer realm="fief""#.to_owned();
    let mut add = |name: &str, value: &str| {
        text.push_str(", ");
        text.push_str(name);
        text.push_str("=\"");
        text.extend(value.chars().map(|c| if is_quotable(c) { c } else { '?' }));
        text.push('"');
    };
    if let Some(code) = error.code() {
        add("error", code);
        add("error_description", &error.description());
    }
    if let Some((name, value)) = missing(error) {
        add(name, value);
    }
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Bearer"))
}

/// The attribute that says what would do (RFC 6750 section 3, RFC 9470 section 3).
fn missing(error: &AuthError) -> Option<(&'static str, &str)> {
    match error {
        AuthError::AccessToken(AccessTokenError::MissingScope(scope)) => Some(("scope", scope)),
        AuthError::AccessToken(AccessTokenError::AcrTooLow { required, .. }) => {
            Some(("acr_values", required.as_str()))
        }
        _ => None,
    }
}

/// The characters of RFC 6750 section 3, which need no escaping.
fn is_quotable(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_scope_breaks_the_header() {
        let scope = "a\"b\\c\r\nSet-Cookie: x=1; é\u{7f}";
        let error = AuthError::AccessToken(AccessTokenError::MissingScope(scope.into()));
        let challenge = challenge(&error);
        let text = challenge.to_str().unwrap();
        assert!(text.ends_with(r#"scope="a?b?c??Set-Cookie: x=1; ??""#), "{text}");
        assert_eq!(text.matches('"').count(), 8);
    }
}
