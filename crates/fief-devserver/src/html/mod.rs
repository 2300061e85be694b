//! What all pages share: escaped templates, a content security policy, a token against forged
//! forms, and the form of errors.

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
    /// Show it and send its forms. The targets of forms are not restricted: Chromium applies
    /// `form-action` to each redirect that follows, and these forms end at the client, which may
    /// redirect the browser to any URL.
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

/// A page that is never cached, because it holds tokens of its visitor.
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
