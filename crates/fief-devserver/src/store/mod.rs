//! The state of the server: tenants, clients, users, and sign-ins.
//!
//! Plain data in memory, behind one lock. What grows with requests is kept in an
//! [`Expiring`](expiring::Expiring), which is bounded.

mod change;
mod document;
pub(crate) mod expiring;
mod fill;
pub(crate) mod sign_in;

use std::{
    collections::{BTreeMap, HashMap},
    sync::mpsc::SyncSender,
};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use self::{
    expiring::Expiring,
    sign_in::{AuthorizationCode, EmailCode, LoginSession, RefreshToken, Session},
};
use crate::{
    settings::{client::ClientType, user::UserField},
    tokens::keys::Keys,
};

/// The whole state.
pub(crate) struct Store {
    pub(crate) key_bits: u16,
    pub(crate) default_tenant: Tenant,
    pub(crate) other_tenants: Vec<Tenant>,
    pub(crate) clients: Vec<Client>,
    pub(crate) users: Vec<User>,
    /// By codename.
    pub(crate) permissions: BTreeMap<String, Permission>,
    pub(crate) user_fields: Vec<UserField>,
    /// What a user has agreed to give a client.
    pub(crate) grants: HashMap<(Uuid, Uuid), Vec<String>>,
    pub(crate) login_sessions: Expiring<LoginSession>,
    pub(crate) sessions: Expiring<Session>,
    /// Tenants at which a registration page was shown.
    pub(crate) registrations: Expiring<Uuid>,
    pub(crate) codes: Expiring<AuthorizationCode>,
    pub(crate) refresh_tokens: Expiring<RefreshToken>,
    pub(crate) email_codes: Expiring<EmailCode>,
    /// The receivers of events; empty while the initial state is made.
    pub(crate) subscribers: Vec<Subscriber>,
}

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

/// A program that users sign in to.
#[derive(Clone)]
#[allow(clippy::struct_field_names, reason = "the names of the protocol")]
pub(crate) struct Client {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) client_type: ClientType,
    pub(crate) first_party: bool,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) tenant: Uuid,
    /// A JWK, private or public.
    pub(crate) encryption_key: Option<Value>,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// Seconds of a code, of an access or ID token, of a refresh token.
#[derive(Clone, Copy)]
pub(crate) struct Lifetimes {
    pub(crate) code: u32,
    pub(crate) token: u32,
    pub(crate) refresh: u32,
}

/// A person who can sign in.
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

/// A permission that can be granted.
#[derive(Clone)]
pub(crate) struct Permission {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) created_at: i64,
}

/// An event, by the name and in the shape of the real server.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) event_type: &'static str,
    pub(crate) data: Value,
}

/// A webhook's queue.
pub(crate) struct Subscriber {
    /// The types of event; all if there are none.
    pub(crate) event_types: Vec<String>,
    pub(crate) queue: SyncSender<Event>,
}

impl Store {
    /// All tenants, the default one first.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        std::iter::once(&self.default_tenant).chain(&self.other_tenants)
    }

    pub(crate) fn tenants_mut(&mut self) -> impl Iterator<Item = &mut Tenant> {
        std::iter::once(&mut self.default_tenant).chain(&mut self.other_tenants)
    }

    /// The tenant with this slug; the default one without a slug.
    pub(crate) fn tenant(&self, slug: Option<&str>) -> Option<&Tenant> {
        match slug {
            None => Some(&self.default_tenant),
            Some(slug) => self.tenants().find(|tenant| tenant.slug == slug),
        }
    }

    pub(crate) fn tenant_by_id(&self, id: Uuid) -> Option<&Tenant> {
        self.tenants().find(|tenant| tenant.id == id)
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }

    pub(crate) fn client_by_id(&self, id: Uuid) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub(crate) fn user(&self, id: Uuid) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(crate) fn user_by_email(&self, tenant: Uuid, email: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.tenant == tenant && user.email.eq_ignore_ascii_case(email))
    }

    pub(crate) fn permission_by_id(&self, id: Uuid) -> Option<(&str, &Permission)> {
        let found = self.permissions.iter().find(|(_, permission)| permission.id == id);
        found.map(|(codename, permission)| (codename.as_str(), permission))
    }
}

impl Tenant {
    /// The prefix of its paths: nothing, or a slash and the slug.
    pub(crate) fn prefix(&self) -> String {
        if self.is_default { String::new() } else { format!("/{}", self.slug) }
    }
}

impl Client {
    pub(crate) fn is_confidential(&self) -> bool {
        self.client_type == ClientType::Confidential
    }
}

impl User {
    /// The claims about the user in userinfo and ID tokens.
    pub(crate) fn claims(&self, definitions: &[UserField]) -> Map<String, Value> {
        let mut claims = json!({
            "sub": self.id,
            "email": self.email,
            "email_verified": self.email_verified,
            "is_active": self.is_active,
            "tenant_id": self.tenant,
            "fields": self.fields_in_order(definitions),
        });
        claims.as_object_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The fields that are set, and the defaults of the others.
    pub(crate) fn fields_in_order(&self, definitions: &[UserField]) -> Map<String, Value> {
        let value = |field: &UserField| {
            let set = self.fields.get(&field.slug).filter(|value| !value.is_null());
            set.or(field.default.as_ref()).cloned()
        };
        definitions.iter().filter_map(|field| Some((field.slug.clone(), value(field)?))).collect()
    }
}
