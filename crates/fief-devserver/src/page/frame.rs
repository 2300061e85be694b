//! What all pages of a tenant have.

use axum::http::HeaderMap;

use super::{Csrf, Language};
use crate::{
    http::{Cookies, Parameters, cookies},
    world::Tenant,
};

/// Seconds that a chosen language is remembered.
const A_MONTH: u32 = 30 * 86_400;

/// What all pages of a tenant have.
pub(crate) struct Frame {
    /// What paths start with.
    pub(crate) prefix: String,
    /// The tenant's name.
    pub(crate) tenant: String,
    pub(crate) registration_allowed: bool,
    pub(crate) csrf: Csrf,
    pub(crate) language: Language,
    /// Whether this very request chose it.
    language_is_new: bool,
}

impl Frame {
    pub(crate) fn new(tenant: &Tenant, cookies: &Cookies) -> Self {
        let (language, language_is_new) = cookies.language();
        Self {
            prefix: tenant.prefix(),
            tenant: tenant.name.clone(),
            registration_allowed: tenant.registration_allowed,
            csrf: Csrf::of(cookies),
            language,
            language_is_new,
        }
    }

    /// Whether a form came from a page of ours.
    pub(crate) fn trusts(&self, form: &Parameters) -> bool {
        self.csrf.trusts(form)
    }

    /// A sentence in the language of the page.
    pub(crate) fn say<'a>(&self, english: &'a str) -> &'a str {
        self.language.say(english)
    }

    /// The same about something, which stands where the sentence has `{}`.
    pub(crate) fn say_of(&self, english: &str, what: &str) -> String {
        self.language.say(english).replace("{}", what)
    }

    /// Has the browser keep what it has yet to be given.
    pub(super) fn keep(&self, headers: &mut HeaderMap) {
        self.csrf.keep(headers);
        if self.language_is_new {
            cookies::set(headers, Cookies::LOCALE, self.language.tag(), Some(A_MONTH));
        }
    }
}
