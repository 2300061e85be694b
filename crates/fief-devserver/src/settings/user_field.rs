//! The fields that users have.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a field holds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names say it")]
pub enum FieldType {
    String,
    Integer,
    Boolean,
    Date,
    Datetime,
    Choice,
    PhoneNumber,
    Address,
    Timezone,
}

/// A field that users have, as it is set up at the start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct UserField {
    /// The name that pages show.
    pub name: String,
    /// The name in the claims.
    pub slug: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Value and label of what a [`FieldType::Choice`] offers.
    #[serde(default)]
    pub choices: Vec<(String, String)>,
    /// What it holds where nothing was said.
    #[serde(default)]
    pub default: Option<Value>,
    /// Whether the registration page asks for it.
    #[serde(default)]
    pub at_registration: bool,
    /// Whether users can change it themselves: true by default.
    #[serde(default = "yes")]
    pub at_update: bool,
    /// Whether registration and profile insist on it; on a [`FieldType::Boolean`], on its being
    /// true.
    #[serde(default)]
    pub required: bool,
}

impl UserField {
    /// A field of that name in the claims, named the same on pages.
    pub fn new(slug: impl Into<String>, field_type: FieldType) -> Self {
        let slug = slug.into();
        Self {
            name: slug.clone(),
            slug,
            field_type,
            choices: Vec::new(),
            default: None,
            at_registration: false,
            at_update: true,
            required: false,
        }
    }

    /// The field that would hold that value.
    pub(crate) fn inferred(slug: &str, value: &Value) -> Self {
        let field_type = match value {
            Value::Bool(_) => FieldType::Boolean,
            Value::Number(_) => FieldType::Integer,
            Value::Object(_) => FieldType::Address,
            _ => FieldType::String,
        };
        Self::new(slug, field_type)
    }
}

fn yes() -> bool {
    true
}
