//! Tenants: separate sets of users, each under a path of its own.

use serde::Deserialize;
use uuid::Uuid;

/// A tenant besides the default one, as it is set up at the start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Tenant {
    /// The identifier in the admin API and in tokens; drawn if left out.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The name that its pages show.
    pub name: String,
    /// The first segment of its URLs; the name in lower case, with `-` for all but letters and
    /// digits, if left out.
    #[serde(default)]
    pub slug: Option<String>,
    /// Whether strangers can register: true by default.
    #[serde(default = "yes")]
    pub registration_allowed: bool,
}

impl Tenant {
    /// A tenant of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into(), slug: None, registration_allowed: true }
    }

    /// Takes registration away.
    pub fn without_registration(mut self) -> Self {
        self.registration_allowed = false;
        self
    }

    /// The first segment of its URLs: the slug, or what is made of the name.
    pub fn slug_or_default(&self) -> String {
        self.slug.clone().unwrap_or_else(|| {
            let lower = self.name.to_lowercase();
            let words: Vec<_> = lower
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|w| !w.is_empty())
                .collect();
            words.join("-")
        })
    }
}

fn yes() -> bool {
    true
}
