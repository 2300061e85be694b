//! The settings of a server: from code, or from a JSON file with the same names.

pub(crate) mod client;
pub(crate) mod user;

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;
use uuid::Uuid;

use self::{
    client::Client,
    user::{User, UserField},
};

/// The content of a configuration file.
///
/// Everything may be left out. Without clients, users or permissions there are default ones: a
/// confidential and a public client, two users and some permissions.
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
    /// The key that the admin API under `/admin/api/` accepts as bearer token. Random if left out.
    pub api_key: Option<String>,
    /// Tenants besides the default one, which is always there.
    pub tenants: Vec<Tenant>,
    /// The clients; the first is the default one.
    pub clients: Vec<Client>,
    /// The users.
    pub users: Vec<User>,
    /// Permissions that can be granted: name by codename. Those of users are added automatically.
    pub permissions: BTreeMap<String, String>,
    /// The fields that users have. Those of users are added automatically.
    pub user_fields: Vec<UserField>,
    /// Where events are delivered.
    pub webhooks: Vec<Webhook>,
}

impl Settings {
    /// Fills in default clients, users and permissions where they were left out, as starting a
    /// server with these settings does.
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
            self.clients = Client::defaults();
        }
        if self.users.is_empty() {
            self.users = User::default_users();
        }
        self
    }
}

/// A tenant besides the default one, as configured at the start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Tenant {
    /// The identifier in the admin API and in tokens; random if left out.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The name that its pages show.
    pub name: String,
    /// The first segment of its URLs; the name in lower case, with `-` for all but letters and
    /// digits, if left out.
    #[serde(default)]
    pub slug: Option<String>,
    /// Whether new users can register: true by default.
    #[serde(default = "yes")]
    pub registration_allowed: bool,
}

impl Tenant {
    /// A tenant of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into(), slug: None, registration_allowed: true }
    }

    /// Turns off registration.
    pub fn without_registration(mut self) -> Self {
        self.registration_allowed = false;
        self
    }

    /// The first segment of its URLs: the slug, or one made from the name.
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

/// Where events are delivered, as it is set up at the start.
///
/// ```
/// use fief_devserver::{DevServer, Webhook};
///
/// let webhook = Webhook::new("http://localhost:8000/webhook", "secret").event("user.created");
/// let server = DevServer::builder().webhook(webhook).start()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Webhook {
    /// The URL to which each event is sent with POST: http, and on loopback unless the server may
    /// use other addresses.
    pub url: String,
    /// The secret that deliveries are signed with.
    pub secret: String,
    /// The types of event that are delivered; all if left empty.
    #[serde(default)]
    pub events: Vec<String>,
}

impl Webhook {
    /// Delivers all events to that URL, signed with that secret.
    pub fn new(url: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { url: url.into(), secret: secret.into(), events: Vec::new() }
    }

    /// Delivers events of this type. Once a type is named, only named types are delivered.
    pub fn event(mut self, event_type: impl Into<String>) -> Self {
        self.events.push(event_type.into());
        self
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("url", &self.url)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

fn yes() -> bool {
    true
}
