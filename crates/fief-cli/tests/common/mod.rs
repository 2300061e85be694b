//! A Fief server, a program that signs in to it, and a browser between them.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file takes its part")]

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU16, Ordering::SeqCst},
        mpsc::{self, Receiver},
    },
};

use fief_cli::{AuthorizeOptions, CredentialStore, FiefAuth};
use fief_devserver::{Builder, Client, DevServer, Endpoint, Tenant, User};
use fief_ureq::{Config, Fief, UnixTime};
use tempfile::TempDir;

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

/// The time of server and client, in seconds since 1970.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(SeqCst))
    }

    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, SeqCst);
    }
}

impl Scene {
    pub fn new() -> Self {
        Self::at(1_790_000_000)
    }

    pub fn at(now: i64) -> Self {
        let clock = Clock(Arc::new(AtomicI64::new(now)));
        let told = clock.clone();
        Self::with(clock, LIFETIME, |server| server.clock(move || told.now()))
    }

    /// At the time of the system, with tokens of 30 seconds: they are due at once.
    pub fn of_now() -> Self {
        Self::with(Clock(Arc::default()), 30, |server| server)
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
        let clock = self.clock.clone();
        Fief::builder(config).clock(move || clock.now()).build().unwrap()
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

/// A parameter of an authorization URL.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// The callback of this authorization URL, with another query than the server would give it.
pub fn callback(url: &str, query: &str) -> String {
    format!("{}?{query}", parameter(url, "redirect_uri").unwrap())
}

pub fn get(url: &str) -> io::Result<String> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}

/// A port that was free just now, outside of the range that the system assigns by itself.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let offset = process::id() * 41 + u32::from(NEXT.fetch_add(1, SeqCst));
        let port = 20_000 + u16::try_from(offset % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
