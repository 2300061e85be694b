//! The builder of a server.

use std::net::{IpAddr, Ipv4Addr};

use fief_proto::UnixTime;

use crate::{
    clock::Clock,
    settings::{
        Settings, Tenant, Webhook,
        client::Client,
        user::{User, UserField},
    },
};

/// A server that is being set up; see [`DevServer::builder`](crate::DevServer::builder).
///
/// ```
/// use fief_devserver::{Client, DevServer, FieldType, Tenant, User, UserField};
///
/// let web = Client::confidential("web", "secret");
/// let anne = User::new("anne@bretagne.duchy", "hermine-tincture-1488");
/// let server = DevServer::builder()
///     .client(web.redirect_uri("http://localhost:8000/callback"))
///     .tenant(Tenant::new("Second"))
///     .client(Client::public("tool").tenant("second"))
///     .user_field(UserField::new("castles", FieldType::Integer))
///     .user(anne.permission("castles:read").field("castles", 3))
///     .start()?;
/// assert_eq!(server.client_id(), "web");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Builder {
    pub(crate) settings: Settings,
    pub(crate) address: IpAddr,
    pub(crate) beyond_loopback: bool,
    pub(crate) port: u16,
    pub(crate) clock: Clock,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            address: Ipv4Addr::LOCALHOST.into(),
            beyond_loopback: false,
            port: 0,
            clock: Clock::system(),
        }
    }
}

impl Builder {
    /// Replaces everything set so far with the content of a configuration file.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Adds a client. The first one added is the default client; without any there are
    /// `devserver`, which is confidential, and `devserver-public`.
    pub fn client(mut self, client: Client) -> Self {
        self.settings.clients.push(client);
        self
    }

    /// Adds a user. Without any there are `anne@bretagne.duchy` and `louis@valois.kingdom`.
    pub fn user(mut self, user: User) -> Self {
        self.settings.users.push(user);
        self
    }

    /// Adds a tenant besides the default one.
    pub fn tenant(mut self, tenant: Tenant) -> Self {
        self.settings.tenants.push(tenant);
        self
    }

    /// Adds a permission that can be granted. Permissions of users are added automatically.
    pub fn permission(mut self, codename: impl Into<String>, name: impl Into<String>) -> Self {
        self.settings.permissions.insert(codename.into(), name.into());
        self
    }

    /// Adds a field that users have. Fields that users have set are added automatically.
    pub fn user_field(mut self, field: UserField) -> Self {
        self.settings.user_fields.push(field);
        self
    }

    /// Adds a receiver of events. It gets the events of the running server, and none about what the
    /// server is set up with.
    pub fn webhook(mut self, webhook: Webhook) -> Self {
        self.settings.webhooks.push(webhook);
        self
    }

    /// Sets the size of signing keys in bits: 2048 by default, for which a key is ready; 4096, as
    /// the real server has, takes seconds to generate.
    pub fn key_bits(mut self, bits: u16) -> Self {
        self.settings.key_bits = Some(bits);
        self
    }

    /// Replaces the clock, which decides `iat`, `exp` and all lifetimes. Moves of
    /// [`DevServer::clock`](crate::DevServer::clock) are added to it.
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::from_fn(clock);
        self
    }

    /// Listens on that port; on a free one by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Listens on that address, which has to be a loopback address: 127.0.0.1 by default (and `::1`
    /// where it is available, because `localhost` may mean that).
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = address;
        self
    }

    /// Allows any [`address`](Self::address). Then everyone who can reach this machine can sign
    /// tokens, read passwords and take over every account: the server protects nothing.
    pub fn dangerous_listen_beyond_loopback(mut self) -> Self {
        self.beyond_loopback = true;
        self
    }
}
