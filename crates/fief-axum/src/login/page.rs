//! The page of a login that fails.

use axum::response::{Html, IntoResponse as _, Response};
use fief_hyper::{CallbackError, Error};
use http::{HeaderValue, StatusCode, header};

use super::LoginError;

/// Nothing of the request is on it, so that nobody can put anything on it.
pub(super) fn error(error: &LoginError, login_path: &str) -> Response {
    let (title, text) = words(error);
    let link = login_path.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <h1>{title}</h1>\n<p>{text}</p>\n<p><a href=\"{link}\">Sign in</a></p>\n</html>\n"
    );
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    (error.status(), [(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

fn words(error: &LoginError) -> (&'static str, &'static str) {
    match error {
        LoginError::ForeignLogout => {
            ("You are still signed in", "Another site has tried to sign you out.")
        }
        LoginError::UnknownLogin => (
            "This sign-in is over",
            "It was used already, took too long, or was begun in another browser. If it happens \
             again, allow this site to set cookies.",
        ),
        LoginError::Failed(Error::Callback(CallbackError::Denied { .. })) => {
            ("You are not signed in", "The sign-in was cancelled or refused.")
        }
        _ if error.status() == StatusCode::SERVICE_UNAVAILABLE => (
            "Signing in is not possible at the moment",
            "The authentication server can't be reached. Try again in a moment.",
        ),
        _ if error.status().is_client_error() => {
            ("You are not signed in", "The sign-in could not be completed. Please start again.")
        }
        _ => ("You are not signed in", "Something went wrong on our side. Please start again."),
    }
}
