//! Answers in the forms of the real server.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::rules::Invalid;

/// A JSON answer with that status.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    (status, Json(body)).into_response()
}

/// 302, which the real server uses throughout.
pub(crate) fn redirect(location: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    // A location that can't be part of a header can only come from the configuration.
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The content of an error, attached to its answer, so that the answer can be sent in the form that
/// the client prefers.
#[derive(Clone, Debug)]
pub(crate) struct Explained {
    /// For programs.
    pub(crate) code: &'static str,
    /// For people.
    pub(crate) message: String,
}

/// A refusal of the API.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// `{"error": …}` of the token endpoint.
    Token(&'static str),
    /// `{"detail": …}` with a code.
    Detail(StatusCode, &'static str),
    /// `{"detail": [ … ]}`: what is wrong with each part of the input.
    Unprocessable(Vec<Invalid>),
    /// A new password that is too weak: the code for that, and why.
    Password(&'static str, Vec<&'static str>),
    /// Where the real server fails because of a bug.
    ServerError,
}

impl Refusal {
    pub(crate) const UNAUTHORIZED: Self = Self::Detail(StatusCode::UNAUTHORIZED, "Unauthorized");
    pub(crate) const ACR_TOO_LOW: Self = Self::Detail(StatusCode::FORBIDDEN, "ACR_TOO_LOW");
    pub(crate) const BAD_REQUEST: Self = Self::bad_request("Bad Request");
    pub(crate) const UNREADABLE: Self = Self::bad_request("There was an error parsing the body");
    pub(crate) const EMAIL_IN_USE: Self = Self::bad_request("USER_UPDATE_EMAIL_ALREADY_EXISTS");
    pub(crate) const WRONG_EMAIL_CODE: Self =
        Self::bad_request("USER_UPDATE_INVALID_EMAIL_VERIFICATION_CODE");
    pub(crate) const NOT_FOUND: Self = Self::Detail(StatusCode::NOT_FOUND, "Not Found");
    pub(crate) const METHOD_NOT_ALLOWED: Self =
        Self::Detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");

    /// A code of the API.
    pub(crate) const fn bad_request(code: &'static str) -> Self {
        Self::Detail(StatusCode::BAD_REQUEST, code)
    }

    pub(crate) const fn forbidden(why: &'static str) -> Self {
        Self::Detail(StatusCode::FORBIDDEN, why)
    }

    pub(crate) fn invalid(invalid: Invalid) -> Self {
        Self::Unprocessable(vec![invalid])
    }

    fn body(&self) -> (StatusCode, Value, &'static str) {
        match self {
            Self::Token(error) => (StatusCode::BAD_REQUEST, json!({"error": error}), error),
            Self::Detail(status, detail) => {
                (*status, json!({"detail": detail}), for_people(detail))
            }
            Self::Unprocessable(all) => {
                let all: Vec<_> = all.iter().map(Invalid::to_json).collect();
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                (status, json!({"detail": all}), "The input is not of the right shape.")
            }
            Self::Password(code, reasons) => {
                (StatusCode::BAD_REQUEST, json!({"detail": code, "reason": reasons}), code)
            }
            Self::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, Value::Null, ""),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body, message) = self.body();
        if body.is_null() {
            return (status, "Internal Server Error").into_response();
        }
        let mut response = json(status, &body);
        response.extensions_mut().insert(Explained { code: message, message: message.to_owned() });
        response
    }
}

/// What the codes mean that a person can meet, who has opened the address in a browser.
fn for_people(detail: &'static str) -> &'static str {
    match detail {
        "Bad Request" => "This server has no tenant of that name.",
        "Method Not Allowed" => "This address is for programs. There is no page here.",
        "Not Found" => "There is nothing at this address.",
        "Unauthorized" => "This address is for programs, which bring a token along.",
        other => other,
    }
}
