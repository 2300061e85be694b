//! What a server is filled with: set from code, or read from a JSON file of the same names.

mod client;
mod tenant;
mod user;
mod user_field;
mod webhook;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use self::{
    client::{Client, ClientType},
    tenant::Tenant,
    user::User,
    user_field::{FieldType, UserField},
    webhook::Webhook,
};

/// The content of a configuration file.
///
/// Everything may be left out. What a file leaves out entirely (clients, users, permissions) is
/// filled with one default client, two users and some permissions, so that there is always
/// something to sign in to.
///
/// ```
/// let settings: fief_devserver::Settings = serde_json::from_str(r#"{
///     "tenants": [{"name": "Second"}],
///     "permissions": {"castles:read": "List castles"},
///     "clients": [{"client_id": "web", "client_secret": "web-secret",
///                  "redirect_uris": ["http://localhost:8000/callback"]}],
///     "users": [{"email": "anne@bretagne.duchy", "password": "hermine-tincture-1488",
///                "permissions": ["castles:read"], "fields": {"castles": 3}}]
/// }"#).unwrap();
/// assert_eq!(settings.clients[0].client_id, "web");
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The size of signing keys in bits: 2048 (prepared, the default), or up to 8192 (generated
    /// at the start; the real server has 4096).
    pub key_bits: Option<u16>,
    /// The key that the admin API under `/admin/api/` takes as bearer token. Without one it is
    /// drawn at the start.
    pub api_key: Option<String>,
    /// Tenants besides the default one, which is always there.
    pub tenants: Vec<Tenant>,
    /// The clients; the first is the default one.
    pub clients: Vec<Client>,
    /// The users.
    pub users: Vec<User>,
    /// Permissions that can be granted: name by codename. Those that a user is given here are
    /// added by themselves.
    pub permissions: BTreeMap<String, String>,
    /// The fields that users have. Fields that a user is given here are added by themselves.
    pub user_fields: Vec<UserField>,
    /// Where events are delivered.
    pub webhooks: Vec<Webhook>,
}

impl Settings {
    /// Fills what was left out with a default client, users and permissions, as a server does that
    /// is started with these settings.
    pub fn or_default(mut self) -> Self {
        if self.permissions.is_empty() && self.users.is_empty() {
            for (codename, name) in [
                ("castles:read", "List castles"),
                ("castles:create", "Create castles"),
                ("castles:update", "Update castles"),
                ("castles:delete", "Delete castles"),
            ] {
                self.permissions.insert(codename.to_owned(), name.to_owned());
            }
        }
        if self.clients.is_empty() {
            self.clients.push(Client::default_client());
        }
        if self.users.is_empty() {
            self.users = User::default_users();
        }
        self
    }
}
