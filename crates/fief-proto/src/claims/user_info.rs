//! What Fief knows of a user.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};
use uuid::Uuid;

use crate::{
    base::json::{JsonError, Object, is_finite},
    error::shown::is_identifier,
};

/// The claims of a user, from an ID token or the user API (OpenID Connect Core 5.1 and 5.3).
///
/// Every claim is kept, those that have no field of their own in `rest`; `null` counts as absent.
/// It serialises in the names of the official Python client.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct UserInfo {
    /// The user's ID.
    pub sub: String,
    /// The email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the user has shown that the address is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Whether the user may sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// The tenant that the user belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Uuid>,
    /// The user fields of the workspace; older ID tokens have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Map<String, Value>>,
    /// Every other claim, by name: `iss`, `aud` and `auth_time` of an ID token for example.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The claims that have fields of their own.
const NAMED: [&str; 6] = ["sub", "email", "email_verified", "is_active", "tenant_id", "fields"];

impl UserInfo {
    /// A user of whom only the ID is known: for tests, and for
    /// [`RefreshRequest::previous`](crate::RefreshRequest::previous). Set the members that matter.
    #[expect(clippy::needless_pass_by_value, reason = "a string or an ID, owned or not")]
    pub fn new(sub: impl ToString) -> Self {
        Self {
            sub: sub.to_string(),
            email: None,
            email_verified: None,
            is_active: None,
            tenant_id: None,
            fields: None,
            rest: Map::new(),
        }
    }

    /// The user's ID as [`AccessTokenInfo::id`](crate::AccessTokenInfo::id) has it, which is how
    /// Fief writes each `sub`.
    pub fn id(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.sub).ok()
    }

    pub(crate) fn parse(body: &[u8]) -> Result<Self, JsonError> {
        Self::from_object(&Object::parse(body)?)
    }

    pub(crate) fn from_object(object: &Object<'_>) -> Result<Self, JsonError> {
        let sub: String = object.required("sub", "a string")?;
        if sub.is_empty() {
            return Err(JsonError::malformed("sub", "a string of at least one character"));
        }
        let rest = object
            .members()
            .filter(|(name, _)| !NAMED.contains(name))
            .map(|(name, value)| Ok((name.to_owned(), read(name, value)?)))
            .collect::<Result<_, JsonError>>()?;
        let fields = match object.raw("fields").map(|value| read("fields", value)).transpose()? {
            None | Some(Value::Null) => None,
            Some(Value::Object(fields)) => Some(fields),
            Some(_) => return Err(JsonError::malformed("fields", "an object")),
        };
        Ok(Self {
            sub,
            email: object.optional::<Option<_>>("email", "a string")?.flatten(),
            email_verified: object
                .optional::<Option<_>>("email_verified", "true or false")?
                .flatten(),
            is_active: object.optional::<Option<_>>("is_active", "true or false")?.flatten(),
            tenant_id: object.optional::<Option<_>>("tenant_id", "a UUID")?.flatten(),
            fields,
            rest,
        })
    }

    /// The audience (`aud`) of the ID token that these claims come from, if they come from one.
    pub(crate) fn audience(&self) -> Option<Vec<String>> {
        match self.rest.get("aud")? {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => {
                Some(many.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            _ => None,
        }
    }
}

/// A claim of any type. A number that is too large to be represented is refused.
fn read(name: &str, value: &RawValue) -> Result<Value, JsonError> {
    serde_json::from_str(value.get()).ok().filter(is_finite).ok_or_else(|| {
        // The server chose the name: it is shown only if it can't be a secret.
        let name = if is_identifier(name) { name } else { "(a claim)" };
        JsonError::malformed(
            name.to_owned(),
            "a value whose numbers and strings can be represented",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_to_the_last_digit() {
        let body =
            br#"{"sub":"anne","fields":{"a":8.383658838626809e-78},"b":6.934698245112694e276}"#;
        let user = UserInfo::parse(body).unwrap();
        let fields = user.fields.as_ref().unwrap();
        assert_eq!(fields["a"].as_f64(), Some(8.383_658_838_626_809e-78));
        assert_eq!(user.rest["b"].as_f64(), Some(6.934_698_245_112_694e276));
        let string = serde_json::to_string(&user).unwrap();
        assert_eq!(serde_json::from_str::<UserInfo>(&string).unwrap(), user);
    }
}
