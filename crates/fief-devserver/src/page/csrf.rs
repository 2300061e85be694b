//! What makes forms of ours known (cross-site request forgery).

use std::fmt;

use axum::http::HeaderMap;

use crate::{
    http::{Cookies, Parameters, cookies},
    world::random_text,
};

/// What forms carry, so that no other site can send them: the text in a cookie that other sites
/// can't read.
pub(crate) struct Csrf {
    token: String,
    /// Whether the browser has yet to be given it.
    is_new: bool,
}

impl Csrf {
    pub(crate) fn of(cookies: &Cookies) -> Self {
        let known = cookies.find(Cookies::CSRF).filter(|token| !token.is_empty());
        Self { token: known.map_or_else(random_text, str::to_owned), is_new: known.is_none() }
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
}

/// For the forms.
impl fmt::Display for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}
