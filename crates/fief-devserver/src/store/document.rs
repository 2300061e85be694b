//! The JSON of users, clients and so on, as the admin API and webhooks send it.

use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Client, Permission, Store, Tenant, User};
use crate::settings::user::{FieldType, UserField};

impl Store {
    pub(crate) fn user_document(&self, user: &User) -> Value {
        json!({
            "created_at": timestamp(user.created_at),
            "updated_at": timestamp(user.updated_at),
            "id": user.id,
            "email": user.email,
            "email_verified": user.email_verified,
            "is_active": user.is_active,
            "tenant_id": user.tenant,
            "tenant": self.tenant_by_id(user.tenant).map(Tenant::embedded_document),
            "fields": self.fields_document(user),
        })
    }

    /// Datetimes end in `Z` here, not in `+00:00` as in claims.
    fn fields_document(&self, user: &User) -> Map<String, Value> {
        let mut fields = user.fields_in_order(&self.user_fields);
        let is_datetime = |field: &&UserField| field.field_type == FieldType::Datetime;
        for field in self.user_fields.iter().filter(is_datetime) {
            if let Some(Value::String(shown)) = fields.get_mut(&field.slug)
                && let Some(clock) = shown.strip_suffix("+00:00")
            {
                *shown = format!("{clock}Z");
            }
        }
        fields
    }

    pub(crate) fn client_document(&self, client: &Client) -> Value {
        json!({
            "created_at": timestamp(client.created_at),
            "updated_at": timestamp(client.updated_at),
            "id": client.id,
            "name": client.name,
            "first_party": client.first_party,
            "client_type": client.client_type,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "redirect_uris": client.redirect_uris,
            "authorization_code_lifetime_seconds": client.lifetimes.code,
            "access_id_token_lifetime_seconds": client.lifetimes.token,
            "refresh_token_lifetime_seconds": client.lifetimes.refresh,
            "tenant_id": client.tenant,
            "tenant": self.tenant_by_id(client.tenant).map(Tenant::embedded_document),
            "encrypt_jwk": client.encryption_key.as_ref().map(|_| "**********"),
        })
    }

    /// The permission of a user. None if the user does not have it.
    pub(crate) fn user_permission_document(&self, user: &User, codename: &str) -> Option<Value> {
        let granted_at = timestamp(*user.permissions.get(codename)?);
        let permission = self.permissions.get(codename)?;
        Some(json!({
            "created_at": granted_at,
            "updated_at": granted_at,
            "user_id": user.id,
            "permission_id": permission.id,
            "from_role_id": null,
            "permission": permission.document(codename),
            "from_role": null,
        }))
    }
}

impl Permission {
    pub(crate) fn document(&self, codename: &str) -> Value {
        json!({
            "created_at": timestamp(self.created_at),
            "updated_at": timestamp(self.created_at),
            "id": self.id,
            "name": self.name,
            "codename": codename,
        })
    }
}

impl Tenant {
    pub(crate) fn document(&self) -> Value {
        let mut document = self.embedded_document();
        if let Some(members) = document.as_object_mut() {
            members.insert("oauth_providers".to_owned(), json!([]));
        }
        document
    }

    /// The form in which it is part of another object.
    fn embedded_document(&self) -> Value {
        json!({
            "created_at": timestamp(self.created_at),
            "updated_at": timestamp(self.created_at),
            "id": self.id,
            "name": self.name,
            "default": self.is_default,
            "slug": self.slug,
            "registration_allowed": self.registration_allowed,
            "theme_id": null,
            "logo_url": null,
            "application_url": null,
        })
    }
}

/// RFC 3339. None for a clock that is set beyond the year 9999.
fn timestamp(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}
