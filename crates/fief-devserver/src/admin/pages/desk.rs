//! What all pages of the administration share.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::{
    html::{Policy, frame::Csrf, html},
    http::{answer::Refusal, cookies::Cookies, input::Parameters},
};

/// What all pages of the administration share.
pub(super) struct Desk {
    /// The path of the list that the page belongs to.
    pub(super) section: &'static str,
    pub(super) csrf: Csrf,
}

impl Desk {
    pub(super) fn new(section: &'static str, cookies: &Cookies) -> Self {
        Self { section, csrf: Csrf::of(cookies) }
    }

    /// Refuses a form that did not come from one of these pages.
    pub(super) fn check(&self, form: &Parameters) -> Result<(), Refusal> {
        let why = "This form is out of date. Go back, reload the page and try again.";
        if self.csrf.trusts(form) { Ok(()) } else { Err(Refusal::forbidden(why)) }
    }

    pub(super) fn shown(&self, status: StatusCode, page: &impl Template) -> Response {
        let mut response = html(Policy::Admin, page);
        *response.status_mut() = status;
        self.csrf.keep(response.headers_mut());
        response
    }
}

/// Why a form was refused: which of its inputs, and the reason.
pub(super) struct Refused {
    pub(super) input: &'static str,
    pub(super) why: &'static str,
}

impl Refused {
    /// Why this input of a form was refused, if it was.
    pub(super) fn of(refused: Option<&Self>, input: &str) -> Option<&'static str> {
        refused.filter(|refused| refused.input == input).map(|refused| refused.why)
    }

    pub(super) fn status(refused: Option<&Self>) -> StatusCode {
        if refused.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
    }
}
