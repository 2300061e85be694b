//! A Fief server, a program that signs in to it, and a browser between them.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file takes its part")]

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{self, Receiver},
    },
};

use fief_cli::{AuthorizeOptions, CredentialStore, FiefAuth};
use fief_devserver::{Builder, Client, DevServer, Endpoint, Tenant, User};
use fief_testkit::{clock::Clock, free_port};
use fief_ureq::{Config, Fief, UnixTime};
use tempfile::TempDir;

pub use fief_testkit::{http::get, parameter};

pub const EMAIL: &str = "anne@bretagne.duchy";
pub const PASSWORD: &str = "hermine-tincture-1488";
pub const CLIENT: &str = "castles-cli";
/// The client of another tenant.
pub const SECOND: &str = "castles-cli-second";
/// How long an access token lives, in seconds.
pub const LIFETIME: i64 = 3600;

pub struct Scene {
    pub server: Arc<DevServer>,
    pub clock: Clock,
    port: u16,
    pub redirect_uri: String,
    pub folder: TempDir,
}

impl Scene {
    pub fn new() -> Self {
        Self::of(Clock::new())
    }

    pub fn at(now: i64) -> Self {
        Self::of(Clock::at(UnixTime::from_secs(now)))
    }

    fn of(clock: Clock) -> Self {
        let told = clock.reader();
        Self::with(clock, LIFETIME, |server| server.clock(told))
    }

    /// At the time of the system, with tokens of 30 seconds: they are due at once.
    pub fn of_now() -> Self {
        Self::with(Clock::new(), 30, |server| server)
    }

    fn with(clock: Clock, lifetime: i64, setup: impl FnOnce(Builder) -> Builder) -> Self {
        let port = free_port();
        let redirect_uri = format!("http://localhost:{port}/callback");
        let client = Client::public(CLIENT)
            .redirect_uri(&redirect_uri)
            .token_lifetime(u32::try_from(lifetime).unwrap());
        let server = DevServer::builder()
            .client(client)
            .user(User::new(EMAIL, PASSWORD).permission("castles:read"))
            .tenant(Tenant::new("second"))
            .client(Client::public(SECOND).tenant("second").redirect_uri(&redirect_uri))
            .user(User::new(EMAIL, PASSWORD).tenant("second"));
        let server = setup(server).start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { server: server.into(), clock, port, redirect_uri, folder }
    }

    /// Where the callback is listened for.
    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub fn fief(&self) -> Fief {
        self.fief_of(Config::new(self.server.base_url(), CLIENT))
    }

    pub fn fief_of(&self, config: Config) -> Fief {
        Fief::builder(config).clock(self.clock.reader()).build().unwrap()
    }

    /// A client whose clock is ahead of the server's by so many seconds.
    pub fn ahead(&self, seconds: i64) -> Fief {
        let clock = self.clock.clone();
        Fief::builder(Config::new(self.server.base_url(), CLIENT))
            .clock(move || UnixTime::from_secs(clock.now().as_secs() + seconds))
            .build()
            .unwrap()
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("credentials.json")
    }

    pub fn auth(&self) -> FiefAuth {
        FiefAuth::new(self.fief(), self.path())
    }

    pub fn auth_of_now(&self) -> FiefAuth {
        let fief = Fief::new(Config::new(self.server.base_url(), CLIENT)).unwrap();
        FiefAuth::new(fief, self.path())
    }

    pub fn auth_with(&self, store: impl CredentialStore + 'static) -> FiefAuth {
        FiefAuth::with_store(self.fief(), store)
    }

    /// Signs in through the browser.
    pub fn signed_in(&self) -> FiefAuth {
        let auth = self.auth();
        self.sign_in(&auth);
        auth
    }

    pub fn sign_in(&self, auth: &FiefAuth) {
        let (options, page) = self.browser(|server, url| vec![walk(server, url)]);
        auth.authorize_with(&options).unwrap();
        page.recv().unwrap();
    }

    pub fn options(&self) -> AuthorizeOptions {
        AuthorizeOptions::redirect_to(&self.redirect_uri).announce(|_| {})
    }

    /// A browser that calls the addresses which `walk` makes of the authorization URL, one after
    /// the other, and what it is shown.
    pub fn browser(
        &self,
        walk: impl Fn(&DevServer, &str) -> Vec<String> + Send + Sync + 'static,
    ) -> (AuthorizeOptions, Receiver<String>) {
        let (sender, receiver) = mpsc::channel();
        let server = self.server.clone();
        let options = self.options().browser(move |url| {
            for address in walk(&server, url) {
                sender.send(get(&address)?).map_err(io::Error::other)?;
            }
            Ok(())
        });
        (options, receiver)
    }

    /// How often the token endpoint was asked.
    pub fn token_requests(&self) -> usize {
        self.server.requests_to(Endpoint::Token)
    }
}

/// Goes through the pages of the server, and ends at the callback.
pub fn walk(server: &DevServer, url: &str) -> String {
    server.sign_in(url, EMAIL, PASSWORD).unwrap()
}

/// The callback of this authorization URL, with another query than the server would give it.
pub fn callback(url: &str, query: &str) -> String {
    format!("{}?{query}", parameter(url, "redirect_uri").unwrap())
}
