//! Users and the fields that they have.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A user, as set up at the start.
///
/// ```
/// use fief_devserver::User;
///
/// let anne = User::new("anne@bretagne.duchy", "hermine-tincture-1488")
///     .permission("castles:read")
///     .field("castles", 3);
/// # let _ = anne;
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct User {
    /// The `sub` of its tokens; random if left out.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The email address, with which the user signs in.
    pub email: String,
    /// The password. It is stored in the clear: this server is not for real passwords.
    pub password: String,
    /// Whether the address is verified: true by default. Otherwise the user is asked for a mailed
    /// code.
    #[serde(default = "yes")]
    pub email_verified: bool,
    /// Whether the user may sign in: true by default.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// The slug of the tenant it belongs to; the default tenant if left out.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The codenames of its permissions.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Its fields, by slug.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

impl User {
    /// An active user with a verified address.
    pub fn new(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            id: None,
            email: email.into(),
            password: password.into(),
            email_verified: true,
            is_active: true,
            tenant: None,
            permissions: Vec::new(),
            fields: Map::new(),
        }
    }

    pub(crate) fn default_users() -> Vec<Self> {
        vec![
            Self::new("anne@bretagne.duchy", "hermine-tincture-1488")
                .permission("castles:read")
                .permission("castles:create")
                .field("first_name", "Anne")
                .field("last_name", "De Bretagne")
                .field("castles", 3),
            Self::new("louis@valois.kingdom", "porc-epic-tincture-1498")
                .field("first_name", "Louis")
                .field("last_name", "De Valois"),
        ]
    }

    /// Sets the `sub` of its tokens.
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Grants a permission, by codename.
    pub fn permission(mut self, codename: impl Into<String>) -> Self {
        self.permissions.push(codename.into());
        self
    }

    /// Sets a field, by slug.
    pub fn field(mut self, slug: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.insert(slug.into(), value.into());
        self
    }

    /// Puts the user into the tenant with this slug.
    pub fn tenant(mut self, slug: impl Into<String>) -> Self {
        self.tenant = Some(slug.into());
        self
    }

    /// Makes the address unverified: the user is asked for a mailed code when signing in.
    pub fn unverified(mut self) -> Self {
        self.email_verified = false;
        self
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("email", &self.email)
            .field("email_verified", &self.email_verified)
            .field("is_active", &self.is_active)
            .field("tenant", &self.tenant)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

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

/// A field that users have, as configured at the start.
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
    /// The value of users who have not set it.
    #[serde(default)]
    pub default: Option<Value>,
    /// Whether the registration page asks for it.
    #[serde(default)]
    pub at_registration: bool,
    /// Whether users can change it themselves: true by default.
    #[serde(default = "yes")]
    pub at_update: bool,
    /// Whether registration and profile require it. A [`FieldType::Boolean`] must then be true.
    #[serde(default)]
    pub required: bool,
}

impl UserField {
    /// A field with this name, in the claims and on pages.
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

    /// A field whose type fits this value.
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
