//! What all pages of a tenant have.

use crate::{
    http::{Cookies, Parameters},
    world::{Tenant, random_text},
};

/// What all pages of a tenant have.
pub(crate) struct Frame {
    /// What paths start with.
    pub(crate) prefix: String,
    /// The tenant's name.
    pub(crate) tenant: String,
    /// What forms carry, so that no other site can send them: the text in a cookie that other
    /// sites can't read.
    pub(crate) csrf: String,
    /// Whether the browser has yet to be given it.
    pub(crate) csrf_is_new: bool,
}

impl Frame {
    pub(crate) fn new(tenant: &Tenant, cookies: &Cookies) -> Self {
        let known = cookies.find(Cookies::CSRF).filter(|token| !token.is_empty());
        Self {
            prefix: tenant.prefix(),
            tenant: tenant.name.clone(),
            csrf: known.map_or_else(random_text, str::to_owned),
            csrf_is_new: known.is_none(),
        }
    }

    /// Whether a form came from a page of ours.
    pub(crate) fn trusts(&self, form: &Parameters) -> bool {
        !self.csrf_is_new && form.find("csrf_token") == Some(&self.csrf)
    }
}
