//! What users change about themselves.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::World;
use crate::{rules, settings::FieldType};

/// Waits for a mailed code, to make an address the verified one of a user.
#[derive(Clone)]
pub(crate) struct EmailCode {
    pub(crate) user: Uuid,
    pub(crate) email: String,
}

/// Seconds that a mailed code is good for.
pub(crate) const EMAIL_CODE_LIFETIME: i64 = 3600;

impl World {
    /// Changes those fields, if there are any, and gives the claims. A datetime is shown with the
    /// offset it came with this once; see [`rules::stored_datetime`].
    pub(crate) fn update_fields(
        &mut self,
        user: Uuid,
        fields: Option<Map<String, Value>>,
        now: i64,
    ) -> Option<Map<String, Value>> {
        self.update_user(user, now, |user| user.fields.extend(fields.unwrap_or_default()))?;
        let definitions = &self.user_fields;
        let user = self.users.iter_mut().find(|found| found.id == user)?;
        let claims = user.claims(definitions);
        for field in definitions.iter().filter(|field| field.field_type == FieldType::Datetime) {
            if let Some(Value::String(text)) = user.fields.get_mut(&field.slug) {
                *text = rules::stored_datetime(text);
            }
        }
        Some(claims)
    }

    pub(crate) fn update_password(&mut self, user: Uuid, password: &str, now: i64) -> Option<()> {
        self.update_user(user, now, |user| password.clone_into(&mut user.password))
    }

    /// Makes the mailed address the verified one of that user. None if the code is not theirs.
    pub(crate) fn verify_email(&mut self, user: Uuid, code: &str, now: i64) -> Option<()> {
        let found = self.email_codes.find(code, now).filter(|found| found.user == user)?.clone();
        self.email_codes.remove(code);
        let user = self.user_mut(user)?;
        user.email = found.email;
        user.email_verified = true;
        user.updated_at = now;
        Some(())
    }
}
