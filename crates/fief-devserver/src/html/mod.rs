//! What all pages have: escaped templates, a policy, a token against forged forms, and a form for
//! errors.

pub(crate) mod error;
pub(crate) mod frame;

use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

use crate::http::answer::Refusal;

/// What a browser may do with a page (Content Security Policy Level 3).
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
    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
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
        })
    }
}

/// A page that is never stored: it has tokens of its visitor in it.
pub(crate) fn html(policy: Policy, page: &impl Template) -> Response {
    let Ok(rendered) = page.render() else {
        return Refusal::ServerError.into_response();
    };
    let mut response = Html(rendered).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.header());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
