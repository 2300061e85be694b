//! Clients: the programs that users sign in to.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Whether a client can keep a secret (RFC 6749, section 2.1).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientType {
    /// It can: a program on a server.
    #[default]
    Confidential,
    /// It can't: a program in the hands of its user. It has to use PKCE.
    Public,
}

/// A client, as it is set up at the start.
///
/// ```
/// use fief_devserver::Client;
///
/// let site = Client::confidential("web", "secret").redirect_uri("http://localhost:8000/callback");
/// let tool = Client::public("tool").redirect_uri("http://localhost:51562/callback").third_party();
/// # let _ = (site, tool);
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Client {
    /// The identifier in the admin API; random if left out.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The name that the consent page shows; the client ID if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// The `client_id` of the protocol.
    pub client_id: String,
    /// The `client_secret`; random if left out.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// Confidential by default.
    #[serde(default)]
    pub client_type: ClientType,
    /// Whether the user is not asked for consent: true by default.
    #[serde(default = "yes")]
    pub first_party: bool,
    /// The redirect URIs that are accepted, compared as strings.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The slug of the tenant it belongs to; the default tenant if left out.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The key that its ID tokens are encrypted to, as a JWK (RFC 7517), private or public.
    #[serde(default)]
    pub encryption_key: Option<Value>,
    /// The lifetime of a code, in seconds.
    #[serde(default = "ten_minutes")]
    pub authorization_code_lifetime_seconds: u32,
    /// The lifetime of an access token and an ID token, in seconds.
    #[serde(default = "a_day")]
    pub access_id_token_lifetime_seconds: u32,
    /// The lifetime of a refresh token, in seconds.
    #[serde(default = "a_month")]
    pub refresh_token_lifetime_seconds: u32,
}

impl Client {
    /// A confidential client: one that can keep a secret.
    pub fn confidential(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self { client_secret: Some(client_secret.into()), ..Self::new(client_id.into()) }
    }

    /// A public client: one that can't keep a secret.
    pub fn public(client_id: impl Into<String>) -> Self {
        Self { client_type: ClientType::Public, ..Self::new(client_id.into()) }
    }

    fn new(client_id: String) -> Self {
        Self {
            id: None,
            name: None,
            client_id,
            client_secret: None,
            client_type: ClientType::Confidential,
            first_party: true,
            redirect_uris: Vec::new(),
            tenant: None,
            encryption_key: None,
            authorization_code_lifetime_seconds: ten_minutes(),
            access_id_token_lifetime_seconds: a_day(),
            refresh_token_lifetime_seconds: a_month(),
        }
    }

    /// A client of each type, for a site and for a command-line program.
    pub(crate) fn defaults() -> Vec<Self> {
        let with =
            |client: Self, uris: [&str; 3]| uris.into_iter().fold(client, Self::redirect_uri);
        let confidential = Self::confidential("devserver", "devserver-secret");
        let confidential = with(
            confidential,
            [
                "http://localhost:8000/callback",
                "http://127.0.0.1:8000/callback",
                "http://localhost:8000/docs/oauth2-redirect",
            ],
        );
        let public = with(
            Self::public("devserver-public"),
            [
                "http://localhost:51562/callback",
                "http://127.0.0.1:51562/callback",
                "http://localhost:8000/callback",
            ],
        );
        vec![
            confidential.redirect_uri("http://localhost:51562/callback").name("Default Client"),
            public.name("Default Public Client"),
        ]
    }

    /// Names it, for the consent page.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds a redirect URI. It is compared as a string, port included.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Makes it a third-party client, for which the user is asked for consent.
    pub fn third_party(mut self) -> Self {
        self.first_party = false;
        self
    }

    /// Puts it into the tenant with this slug.
    pub fn tenant(mut self, slug: impl Into<String>) -> Self {
        self.tenant = Some(slug.into());
        self
    }

    /// Encrypts its ID tokens with this key, a JWK (RFC 7517), private or public.
    pub fn encryption_key(mut self, jwk: Value) -> Self {
        self.encryption_key = Some(jwk);
        self
    }

    /// Sets the lifetime of codes, in seconds. Zero makes them expire at once.
    pub fn code_lifetime(mut self, seconds: u32) -> Self {
        self.authorization_code_lifetime_seconds = seconds;
        self
    }

    /// Sets the lifetime of access and ID tokens, in seconds. With zero they expire at once, for a
    /// client without leeway for clocks, as that of
    /// [`DevServer::config`](crate::DevServer::config).
    pub fn token_lifetime(mut self, seconds: u32) -> Self {
        self.access_id_token_lifetime_seconds = seconds;
        self
    }

    /// Sets the lifetime of refresh tokens, in seconds. Zero makes them expire at once.
    pub fn refresh_lifetime(mut self, seconds: u32) -> Self {
        self.refresh_token_lifetime_seconds = seconds;
        self
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("client_id", &self.client_id)
            .field("client_type", &self.client_type)
            .field("first_party", &self.first_party)
            .field("redirect_uris", &self.redirect_uris)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

fn yes() -> bool {
    true
}

fn ten_minutes() -> u32 {
    600
}

fn a_day() -> u32 {
    86_400
}

fn a_month() -> u32 {
    30 * 86_400
}
