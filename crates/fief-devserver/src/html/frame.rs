//! What all pages of a tenant have, and how they are answered.

use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};

use super::{Policy, html};
use crate::{
    http::{
        cookies::{self, Cookies},
        input::Parameters,
    },
    random::random_string,
    store::Tenant,
};

/// What all pages of a tenant have.
pub(crate) struct Frame {
    /// What paths start with.
    pub(crate) prefix: String,
    /// The tenant's name.
    pub(crate) tenant: String,
    pub(crate) registration_allowed: bool,
    pub(crate) csrf: Csrf,
}

impl Frame {
    pub(crate) fn new(tenant: &Tenant, cookies: &Cookies) -> Self {
        Self {
            prefix: tenant.prefix(),
            tenant: tenant.name.clone(),
            registration_allowed: tenant.registration_allowed,
            csrf: Csrf::of(cookies),
        }
    }

    /// A page with what went wrong with its form before.
    pub(crate) fn shown(&self, problem: Option<Problem>, page: &impl Template) -> Response {
        self.shown_with(Policy::Tenant, problem, page)
    }

    pub(crate) fn shown_with(
        &self,
        policy: Policy,
        problem: Option<Problem>,
        page: &impl Template,
    ) -> Response {
        let mut response = html(policy, page);
        if let Some(problem) = problem {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            if let Some(code) = problem.code {
                response.headers_mut().insert("x-fief-error", HeaderValue::from_static(code));
            }
        }
        self.csrf.keep(response.headers_mut());
        response
    }
}

/// What is wrong with a form that was sent.
#[derive(Clone, Copy)]
pub(crate) struct Problem {
    /// For the header `X-Fief-Error`, where the real server sends one.
    pub(crate) code: Option<&'static str>,
    pub(crate) message: &'static str,
}

impl Problem {
    pub(crate) const CSRF: Self =
        Self { code: None, message: "This form is out of date. Please send it again." };
    pub(crate) const BAD_CREDENTIALS: Self =
        Self { code: Some("bad_credentials"), message: "Invalid email or password." };
    /// Whether it is what the user has put in, and not the form.
    pub(crate) fn is_of_input(self) -> bool {
        self.code.is_some()
    }

    /// Its inputs say what is wrong with each.
    pub(crate) const INVALID_FORM: Self = Self { code: None, message: "" };
    pub(crate) const USER_EXISTS: Self = Self { code: Some("user_already_exists"), message: "" };
    pub(crate) const INVALID_CODE: Self = Self {
        code: Some("invalid_code"),
        message: "This is not the code that was sent to you last. Please check it.",
    };
}

/// What forms carry, so that no other site can send them (cross-site request forgery): the string
/// in a cookie that other sites can't read.
pub(crate) struct Csrf {
    token: String,
    /// Whether the browser has yet to be given it.
    is_new: bool,
}

impl Csrf {
    pub(crate) fn of(cookies: &Cookies) -> Self {
        let known = cookies.find(Cookies::CSRF).filter(|token| !token.is_empty());
        Self { token: known.map_or_else(random_string, str::to_owned), is_new: known.is_none() }
    }

    /// Whether a form came from a page of ours.
    pub(crate) fn trusts(&self, form: &Parameters) -> bool {
        !self.is_new && form.find("csrf_token") == Some(&self.token)
    }

    /// Has the browser keep it.
    pub(crate) fn keep(&self, headers: &mut HeaderMap) {
        if self.is_new {
            cookies::set(headers, Cookies::CSRF, &self.token, None);
        }
    }

    /// For the forms.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }
}
