//! The pages that people see if their request is refused.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse as _, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fief_hyper::{CallbackError, Error};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

use crate::AuthError;

/// What a page says, for [`WebLoginBuilder::page`](crate::WebLoginBuilder::page), which renders it
/// in the style of the site.
///
/// Nothing of the request is in it, so that no attacker can put anything on the page.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page {
    /// Why there is a page.
    pub error: AuthError,
    /// The HTTP status.
    pub status: StatusCode,
    /// A heading.
    pub title: &'static str,
    /// A sentence or two for the person.
    pub text: &'static str,
    /// The path that signs in and comes back here, if signing in may help.
    pub sign_in: Option<String>,
}

impl Page {
    pub(super) fn new(error: &AuthError, sign_in: String) -> Self {
        let status = error.status();
        let (title, text, helps) = words(error, status);
        Self { error: error.clone(), status, title, text, sign_in: helps.then_some(sign_in) }
    }
}

fn words(error: &AuthError, status: StatusCode) -> (&'static str, &'static str, bool) {
    const SIGN_IN: bool = true;
    match error {
        AuthError::CrossSite => (
            "Nothing was done",
            "Another site has tried to make your browser do this. If it was you, go back and try \
             again.",
            false,
        ),
        AuthError::Store(_) => (
            "Please try again in a moment",
            "We can't look up at the moment whether you are signed in. You still are, if you were.",
            false,
        ),
        AuthError::Fief(Error::Callback(CallbackError::Denied { .. })) => {
            ("You are not signed in", "The sign-in was cancelled or refused.", SIGN_IN)
        }
        AuthError::Fief(Error::Callback(_)) => (
            "This sign-in is over",
            "It was used already, took too long, or was begun in another browser. If it happens \
             again, allow this site to set cookies.",
            SIGN_IN,
        ),
        _ if error.required_acr().is_some() => {
            ("Please show your password again", "This needs a fresh sign-in.", SIGN_IN)
        }
        _ => match status.as_u16() {
            400 | 401 => (
                "Please sign in",
                "You are not signed in any more. What you have just sent was not kept: sign in, \
                 and send it again.",
                SIGN_IN,
            ),
            403 => ("You can't do this", "Your account lacks the permission.", false),
            502 => (
                "Something went wrong",
                "The sign-in service sent an answer that can't be used.",
                false,
            ),
            503 => ("Please try again in a moment", "The sign-in service can't be reached.", false),
            _ => ("Something went wrong", "This is a mistake on our side.", false),
        },
    }
}

const STYLE: &str = "\
    :root{color-scheme:light dark}\
    body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;\
    background:light-dark(#fff,#16181d);color:light-dark(#1d2129,#e8eaee)}\
    h1{font-size:1.5rem}\
    a{display:inline-block;padding:.5rem 1rem;border-radius:.4rem;text-decoration:none;\
    background:light-dark(#1d4ed8,#93b4ff);color:light-dark(#fff,#10131a)}";

static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'");
    HeaderValue::from_str(&policy).ok()
});

/// The page as it is by default.
pub(super) fn default(page: &Page) -> Response {
    let Page { status, title, text, sign_in, .. } = page;
    let link = sign_in.as_ref().map_or_else(String::new, |path| {
        let path = path.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        format!("<p><a href=\"{path}\" target=\"_top\">Sign in</a></p>\n")
    });
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<h1>{title}</h1>\n<p>{text}</p>\n{link}</html>\n"
    );
    let mut response = (*status, Html(html)).into_response();
    if let Some(policy) = &*POLICY {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    }
    response
}
