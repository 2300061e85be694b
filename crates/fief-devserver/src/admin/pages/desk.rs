//! What all pages of the administration have.

use askama::Template;
use axum::{http::StatusCode, response::Response};

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
    pub(super) fn check(&self, form: &Parameters) -> Result<(), Response> {
        if self.csrf.trusts(form) {
            Ok(())
        } else {
            Err(refused("This form is out of date. Go back, reload the page and try again."))
        }
    }

    pub(super) fn shown(&self, status: StatusCode, page: &impl Template) -> Response {
        let mut response = html(Policy::Admin, page);
        *response.status_mut() = status;
        self.csrf.keep(response.headers_mut());
        response
    }
}

pub(super) fn refused(message: &str) -> Response {
    no_page(StatusCode::FORBIDDEN, "Refused", message)
}

pub(super) fn not_found() -> Response {
    no_page(StatusCode::NOT_FOUND, "Not found", "What this page was about is not there (any more).")
}

fn no_page(status: StatusCode, title: &str, message: &str) -> Response {
    let mut response = html(Policy::Admin, &NoPage { here: "", title, message });
    *response.status_mut() = status;
    response
}

#[derive(Template)]
#[template(path = "admin/no_page.html")]
struct NoPage<'a> {
    here: &'a str,
    title: &'a str,
    message: &'a str,
}
