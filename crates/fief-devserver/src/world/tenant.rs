//! Tenants.

use uuid::Uuid;

use crate::token::Keys;

/// A set of users with keys and an issuer of its own.
pub(crate) struct Tenant {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) is_default: bool,
    pub(crate) registration_allowed: bool,
    pub(crate) keys: Keys,
    pub(crate) created_at: i64,
}

impl Tenant {
    /// What its paths start with: nothing, or a slash and the slug.
    pub(crate) fn prefix(&self) -> String {
        if self.is_default { String::new() } else { format!("/{}", self.slug) }
    }
}
