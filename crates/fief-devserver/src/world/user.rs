//! Users.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::settings::UserField;

/// Somebody who can sign in.
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) tenant: Uuid,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) is_active: bool,
    pub(crate) password: String,
    /// Codenames, and when each was granted.
    pub(crate) permissions: BTreeMap<String, i64>,
    pub(crate) fields: Map<String, Value>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl User {
    /// What user info and ID tokens say of it.
    pub(crate) fn claims(&self, definitions: &[UserField]) -> Map<String, Value> {
        let claims = json!({
            "sub": self.id,
            "email": self.email,
            "email_verified": self.email_verified,
            "is_active": self.is_active,
            "tenant_id": self.tenant,
            "fields": self.fields_in_order(definitions),
        });
        match claims {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    }

    /// What was set, and the defaults of what was not.
    pub(crate) fn fields_in_order(&self, definitions: &[UserField]) -> Map<String, Value> {
        let value = |field: &UserField| {
            let set = self.fields.get(&field.slug).filter(|value| !value.is_null());
            set.or(field.default.as_ref()).cloned()
        };
        definitions.iter().filter_map(|field| Some((field.slug.clone(), value(field)?))).collect()
    }
}
