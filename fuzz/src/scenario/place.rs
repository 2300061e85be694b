//! The client of a scenario, and its server.

use std::{sync::LazyLock, time::Duration};

use arbitrary::Arbitrary;
use fief_proto::{Client, ClientAuthentication, Provider};

use crate::{secrets, world};

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Place {
    /// A confidential client, secret in the form.
    Usual,
    /// A tenant in the path, HTTP basic, another public URL.
    Tenant,
    /// A public client of a development server.
    Local,
    /// An internal name, with a `Host` override; keys that are due at once and expire soon.
    Hasty,
    /// Encrypted ID tokens.
    Encrypted,
    /// Accepts any audience, names another client, and has no leeway.
    Generous,
}

const ALL: [Place; 6] =
    [Place::Usual, Place::Tenant, Place::Local, Place::Hasty, Place::Encrypted, Place::Generous];

static CLIENTS: LazyLock<[Client; 6]> = LazyLock::new(|| ALL.map(Place::build));

impl Place {
    pub fn client(self) -> &'static Client {
        &CLIENTS[self as usize]
    }

    pub fn base(self) -> &'static str {
        match self {
            Self::Usual | Self::Encrypted | Self::Generous => world::BASE,
            Self::Tenant => "https://fief.example:8443/tenant",
            Self::Local => "http://localhost:8000",
            Self::Hasty => "http://fief:8000",
        }
    }

    /// The issuer of the server.
    pub fn issuer(self) -> &'static str {
        match self {
            Self::Local => "https://localhost:8000",
            Self::Hasty => "https://fief.example",
            other => other.base(),
        }
    }

    /// What is known of the server from the start.
    pub fn provider(self) -> Provider {
        let (discovery, keys) = (self.discovery(), world::keys(&["first"]));
        Provider::from_documents(self.client(), &discovery, &keys, world::NOW)
            .expect("good documents")
    }

    pub fn discovery(self) -> Vec<u8> {
        world::discovery_of(self.issuer(), self.base())
    }

    fn build(self) -> Client {
        let config = world::config_at(self.base());
        let config = match self {
            Self::Usual => config.client_secret(secrets::PLANTED),
            Self::Tenant => config
                .client_secret(secrets::PLANTED)
                .client_authentication(ClientAuthentication::Basic)
                .public_url("https://login.example/fief"),
            Self::Local => config,
            Self::Hasty => config
                .client_secret(secrets::PLANTED)
                .allow_insecure_http()
                .host("fief.example")
                .key_refetch_cooldown(Duration::ZERO)
                .keys_due_after(Duration::ZERO)
                .keys_expire_after(Duration::from_secs(1)),
            Self::Encrypted => return world::ENCRYPTED.clone(),
            Self::Generous => config
                .client_secret(secrets::PLANTED)
                .dangerous_accept_any_audience()
                .accept_client("duchy-cli")
                .leeway(Duration::ZERO),
        };
        config.build().expect("a good configuration")
    }
}
