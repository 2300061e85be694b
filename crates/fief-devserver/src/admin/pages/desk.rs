//! What all pages of the administration have.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    http::{Cookies, Parameters},
    page::{Csrf, Policy, html},
};

/// What all pages of the administration have.
pub(super) struct Desk {
    /// The path of the list that the page belongs to.
    pub(super) section: &'static str,
    pub(super) csrf: Csrf,
}

impl Desk {
    pub(super) fn new(section: &'static str, cookies: &Cookies) -> Self {
        Self { section, csrf: Csrf::of(cookies) }
    }

    /// Refuses a form that came from no page of ours.
    pub(super) fn check(&self, form: &Parameters) -> Result<(), NoPage> {
        if self.csrf.trusts(form) {
            Ok(())
        } else {
            Err(NoPage::Refused(
                "This form is out of date. Go back, reload the page and try again.",
            ))
        }
    }

    pub(super) fn shown(&self, status: StatusCode, page: &impl Template) -> Response {
        let mut response = html(Policy::Admin, page);
        *response.status_mut() = status;
        self.csrf.keep(response.headers_mut());
        response
    }
}

/// A page that only says why there is no other.
pub(super) enum NoPage {
    NotFound,
    Refused(&'static str),
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        let (status, title, message) = match self {
            Self::NotFound => {
                let message = "What this page was about is not there (any more).";
                (StatusCode::NOT_FOUND, "Not found", message)
            }
            Self::Refused(message) => (StatusCode::FORBIDDEN, "Refused", message),
        };
        let mut response = html(Policy::Admin, &Shown { here: "", title, message });
        *response.status_mut() = status;
        response
    }
}

#[derive(Template)]
#[template(path = "admin/no_page.html")]
struct Shown<'a> {
    /// None of the lists.
    here: &'a str,
    title: &'a str,
    message: &'a str,
}
