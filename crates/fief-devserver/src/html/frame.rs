//! What all pages of a tenant share, and how they are sent.

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

/// What all pages of a tenant share.
pub(crate) struct Frame {
    /// The prefix of paths.
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

    /// A page with the problem of its last form, if there was one.
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

/// The token in forms against cross-site request forgery: a string that is also in a cookie, which
/// other sites can't read.
pub(crate) struct Csrf {
    token: String,
    /// Whether the browser does not have the cookie yet.
    is_new: bool,
}

impl Csrf {
    pub(crate) fn of(cookies: &Cookies) -> Self {
        let known = cookies.find(Cookies::CSRF).filter(|token| !token.is_empty());
        Self { token: known.map_or_else(random_string, str::to_owned), is_new: known.is_none() }
    }

    /// Whether a form came from a page of this server.
    pub(crate) fn trusts(&self, form: &Parameters) -> bool {
        !self.is_new && form.find("csrf_token") == Some(&self.token)
    }

    /// Sets the cookie.
    pub(crate) fn keep(&self, headers: &mut HeaderMap) {
        if self.is_new {
            cookies::set(headers, Cookies::CSRF, &self.token, None);
        }
    }

    /// The token to put into forms.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }
}
