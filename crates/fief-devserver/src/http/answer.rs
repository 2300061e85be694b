//! Answers in the forms of the real server.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::Host;

/// A JSON answer with that status.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    (status, Json(body)).into_response()
}

/// 302, which the real server uses throughout.
pub(crate) fn redirect(location: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    // What can't stand in a header could only come from a redirect URI that was configured so.
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// To the page that asks who is there. 307, so that a form that was sent goes along: as the real
/// server has it.
pub(crate) fn to_login(host: &Host, prefix: &str) -> Response {
    let body = json!({"detail": "Temporary Redirect"});
    let mut response = json(StatusCode::TEMPORARY_REDIRECT, &body);
    if let Ok(location) = HeaderValue::from_str(&format!("{}{prefix}/login", host.origin())) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// A refusal of the API.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// `{"error": …}` of the token endpoint.
    Token(&'static str),
    /// `{"detail": …}` with a code.
    Detail(StatusCode, &'static str),
    /// `{"detail": [ … ]}`: what is wrong with each part of the input.
    Unprocessable(Vec<Value>),
    /// A new password that is too weak: the code for that, and why.
    Password(&'static str, Vec<&'static str>),
    /// What the real server has a bug for.
    ServerError,
}

impl Refusal {
    pub(crate) const UNAUTHORIZED: Self = Self::Detail(StatusCode::UNAUTHORIZED, "Unauthorized");
    pub(crate) const ACR_TOO_LOW: Self = Self::Detail(StatusCode::FORBIDDEN, "ACR_TOO_LOW");
    pub(crate) const BAD_REQUEST: Self = Self::Detail(StatusCode::BAD_REQUEST, "Bad Request");
    pub(crate) const UNREADABLE: Self =
        Self::Detail(StatusCode::BAD_REQUEST, "There was an error parsing the body");
    pub(crate) const TOO_LARGE: Self =
        Self::Detail(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    pub(crate) const EMAIL_TAKEN: Self =
        Self::Detail(StatusCode::BAD_REQUEST, "USER_UPDATE_EMAIL_ALREADY_EXISTS");
    pub(crate) const WRONG_EMAIL_CODE: Self =
        Self::Detail(StatusCode::BAD_REQUEST, "USER_UPDATE_INVALID_EMAIL_VERIFICATION_CODE");
    pub(crate) const NOT_FOUND: Self = Self::Detail(StatusCode::NOT_FOUND, "Not Found");
    pub(crate) const METHOD_NOT_ALLOWED: Self =
        Self::Detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");

    /// A code of the API.
    pub(crate) const fn bad_request(code: &'static str) -> Self {
        Self::Detail(StatusCode::BAD_REQUEST, code)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Token(error) => json(StatusCode::BAD_REQUEST, &json!({"error": error})),
            Self::Detail(status, detail) => json(status, &json!({"detail": detail})),
            Self::Unprocessable(errors) => {
                json(StatusCode::UNPROCESSABLE_ENTITY, &json!({"detail": errors}))
            }
            Self::Password(code, reasons) => {
                json(StatusCode::BAD_REQUEST, &json!({"detail": code, "reason": reasons}))
            }
            Self::ServerError => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response()
            }
        }
    }
}
