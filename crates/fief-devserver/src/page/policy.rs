//! What a browser may do with a page (Content Security Policy Level 3).

use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

use crate::http::Refusal;

/// What a browser may do with a page.
#[derive(Clone, Copy)]
pub(crate) enum Policy {
    /// Show it and send its forms. Where the forms may go is left open on purpose: Chromium holds
    /// `form-action` against each redirect that follows, and these forms end at the client, which
    /// may send the browser on to wherever it likes.
    Tenant,
    /// The same; forms stay here, and a script may help.
    Admin,
    /// Run Swagger UI, which styles its elements itself and keeps its icons in the style sheet.
    Documentation,
}

impl Policy {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Tenant => {
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                 frame-ancestors 'self'"
            }
            Self::Admin => {
                "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
                 form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
            Self::Documentation => {
                "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                 script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                 frame-ancestors 'self'"
            }
        }
    }
}

/// A page that nobody keeps: it has tokens of its visitor in it.
pub(crate) fn html(policy: Policy, page: &impl Template) -> Response {
    let Ok(text) = page.render() else {
        return Refusal::ServerError.into_response();
    };
    let mut response = Html(text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy.text()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
