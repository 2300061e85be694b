//! The initial state, and additions to it.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use uuid::Uuid;

use super::{Client, Expiring, Lifetimes, Permission, Store, Tenant, User};
use crate::{
    error::StartError,
    random::random_string,
    rules::field::{field_value, stored_datetime},
    settings::{
        self, Settings,
        user::{FieldType, UserField},
    },
    tokens::{encryption::EncryptionKey, keys::Keys},
};

impl Store {
    pub(crate) fn filled(settings: Settings, now: i64) -> Result<Self, StartError> {
        let key_bits = settings.key_bits.unwrap_or(2048);
        let default = Tenant {
            id: Uuid::new_v4(),
            name: "Default".to_owned(),
            slug: "default".to_owned(),
            is_default: true,
            registration_allowed: true,
            keys: Keys::new(key_bits, 0)?,
            created_at: now,
        };
        let mut store = Self {
            key_bits,
            default_tenant: default,
            other_tenants: Vec::new(),
            clients: Vec::new(),
            users: Vec::new(),
            permissions: BTreeMap::new(),
            user_fields: settings.user_fields,
            grants: HashMap::new(),
            login_sessions: Expiring::default(),
            sessions: Expiring::default(),
            registrations: Expiring::default(),
            codes: Expiring::default(),
            refresh_tokens: Expiring::default(),
            email_codes: Expiring::default(),
            subscribers: Vec::new(),
        };
        for tenant in settings.tenants {
            store.add_tenant(&tenant, now)?;
        }
        for (codename, name) in settings.permissions {
            store.add_permission(codename, Some(name), now);
        }
        for client in settings.clients {
            store.add_client(client, now)?;
        }
        for user in settings.users {
            store.add_user(user, now)?;
        }
        Ok(store)
    }

    fn add_tenant(&mut self, tenant: &settings::Tenant, now: i64) -> Result<(), StartError> {
        let slug = tenant.slug_or_default();
        if slug.is_empty() || slug.contains('/') || self.tenants().any(|other| other.slug == slug) {
            return Err(StartError::Tenant(slug));
        }
        let keys = Keys::new(self.key_bits, self.other_tenants.len() + 1)?;
        self.other_tenants.push(Tenant {
            id: tenant.id.unwrap_or_else(Uuid::new_v4),
            name: tenant.name.clone(),
            slug,
            is_default: false,
            registration_allowed: tenant.registration_allowed,
            keys,
            created_at: now,
        });
        Ok(())
    }

    /// Adds it unless it exists, and returns its identifier.
    pub(crate) fn add_permission(
        &mut self,
        codename: String,
        name: Option<String>,
        now: i64,
    ) -> Uuid {
        let name = name.unwrap_or_else(|| codename.clone());
        if let Some(permission) = self.permissions.get(&codename) {
            return permission.id;
        }
        let added = Permission { id: Uuid::new_v4(), name, created_at: now };
        let id = added.id;
        self.tell("permission.created", &added.document(&codename));
        self.permissions.insert(codename, added);
        id
    }

    pub(crate) fn add_client(
        &mut self,
        client: settings::client::Client,
        now: i64,
    ) -> Result<Uuid, StartError> {
        let tenant = self.tenant_named(client.tenant.as_deref())?;
        if self.client(&client.client_id).is_some() {
            return Err(StartError::Client(client.client_id));
        }
        if client.encryption_key.as_ref().is_some_and(|jwk| EncryptionKey::from_jwk(jwk).is_none())
        {
            return Err(StartError::EncryptionKey(client.client_id));
        }
        let id = client.id.unwrap_or_else(Uuid::new_v4);
        let added = Client {
            id,
            name: client.name.unwrap_or_else(|| client.client_id.clone()),
            client_id: client.client_id,
            client_secret: client.client_secret.unwrap_or_else(random_string),
            client_type: client.client_type,
            first_party: client.first_party,
            redirect_uris: client.redirect_uris,
            tenant,
            encryption_key: client.encryption_key,
            lifetimes: Lifetimes {
                code: client.authorization_code_lifetime_seconds,
                token: client.access_id_token_lifetime_seconds,
                refresh: client.refresh_token_lifetime_seconds,
            },
            created_at: now,
            updated_at: now,
        };
        self.tell("client.created", &self.client_document(&added));
        self.clients.push(added);
        Ok(id)
    }

    pub(crate) fn add_user(
        &mut self,
        user: settings::user::User,
        now: i64,
    ) -> Result<Uuid, StartError> {
        let tenant = self.tenant_named(user.tenant.as_deref())?;
        if self.user_by_email(tenant, &user.email).is_some() {
            return Err(StartError::User(user.email));
        }
        let mut fields = user.fields;
        for (slug, value) in &mut fields {
            if !self.user_fields.iter().any(|field| field.slug == *slug) {
                self.user_fields.push(UserField::inferred(slug, value));
            }
            let field = self.user_fields.iter().find(|field| field.slug == *slug);
            normalize(value, field);
        }
        let id = user.id.unwrap_or_else(Uuid::new_v4);
        let added = User {
            id,
            tenant,
            email: user.email,
            email_verified: user.email_verified,
            is_active: user.is_active,
            password: user.password,
            permissions: BTreeMap::new(),
            fields,
            created_at: now,
            updated_at: now,
        };
        self.tell("user.created", &self.user_document(&added));
        self.users.push(added);
        for codename in &user.permissions {
            self.grant(id, codename, now);
        }
        Ok(id)
    }

    fn tenant_named(&self, slug: Option<&str>) -> Result<Uuid, StartError> {
        self.tenant(slug.filter(|slug| *slug != self.default_tenant.slug))
            .map(|tenant| tenant.id)
            .ok_or_else(|| StartError::Tenant(slug.unwrap_or_default().to_owned()))
    }
}

/// Normalises a value as the real server would; one that it would refuse is left as it is.
fn normalize(value: &mut Value, field: Option<&UserField>) {
    let Some(field) = field else { return };
    if let Ok(kept) = field_value(field, value) {
        *value = match kept.as_str().filter(|_| field.field_type == FieldType::Datetime) {
            Some(shown) => stored_datetime(shown).into(),
            None => kept,
        };
    }
}
