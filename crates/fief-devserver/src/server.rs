//! A server that runs.

use std::{
    fmt, io,
    net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener},
    sync::Mutex,
    thread::{self, JoinHandle},
};

use fief_proto::{Config, Secret};
use tokio::{runtime, sync::oneshot};

use crate::{
    Builder, Endpoint, Fault, LoggedRequest, Mail, SignInError, StartError,
    fault::Faults,
    http::{App, Shared, serve},
    mail::Outbox,
    request_log::RequestLog,
    sign_in::sign_in,
    token::Keys,
    webhook::{Deliveries, Delivery, deliver, place},
    world::{World, random_text},
};

/// A Fief server that runs in a thread of this process until it is dropped.
pub struct DevServer {
    pub(crate) app: App,
    base_url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl DevServer {
    /// Starts a server with a default client, two users and some permissions on a free port.
    ///
    /// # Errors
    ///
    /// [`StartError`], if there is no port or thread to be had.
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Sets a server up before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn from_builder(mut builder: Builder) -> Result<Self, StartError> {
        if !builder.address.is_loopback() && !builder.beyond_loopback {
            return Err(StartError::NotLoopback);
        }
        let webhooks = std::mem::take(&mut builder.settings.webhooks).into_iter();
        let webhooks = webhooks
            .map(|webhook| Ok((place(&webhook.url, builder.beyond_loopback)?, webhook)))
            .collect::<Result<Vec<_>, StartError>>()?;
        let listeners = listen(builder.address, builder.port)?;
        let port = listeners.port;
        let mut settings = builder.settings.or_default();
        let api_key = settings.api_key.take().unwrap_or_else(random_text);
        let now = (builder.clock)().as_secs();
        let app = App::new(Shared {
            world: Mutex::new(World::filled(settings, now)?),
            faults: Faults::default(),
            log: RequestLog::default(),
            outbox: Mutex::new(Outbox::default()),
            deliveries: Deliveries::default(),
            clock: builder.clock,
            domain: format!("localhost:{port}"),
            api_key,
        });
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let all = listeners.all.into_iter().map(|listener| {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)
        });
        let all: Vec<_> = all.collect::<io::Result<_>>()?;
        for (place, webhook) in webhooks {
            let (subscriber, delivery) = deliver(webhook, place, app.clone());
            app.world().subscribers.push(subscriber);
            runtime.spawn(delivery);
        }
        let served = app.clone();
        let thread = thread::Builder::new().name("fief-devserver".to_owned()).spawn(move || {
            for listener in all {
                runtime.spawn(serve(listener, served.clone()));
            }
            // An error says that the server was dropped, too.
            let _ = runtime.block_on(stopped);
        })?;
        let base_url = format!("http://localhost:{port}");
        Ok(Self { app, base_url, stop: Some(stop), thread: Some(thread) })
    }

    /// Where the default tenant is: `http://localhost:PORT`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where the tenant of that slug is.
    pub fn tenant_url(&self, slug: &str) -> String {
        format!("{}/{slug}", self.base_url)
    }

    /// The `client_id` of the default client.
    pub fn client_id(&self) -> String {
        self.app.world().clients.first().map(|client| client.client_id.clone()).unwrap_or_default()
    }

    /// The `client_secret` of the default client.
    pub fn client_secret(&self) -> Secret {
        let world = self.app.world();
        world.clients.first().map(|client| client.client_secret.clone()).unwrap_or_default().into()
    }

    /// A configuration for the default client, ready for a driver.
    pub fn config(&self) -> Config {
        Config::new(self.base_url(), self.client_id()).client_secret(self.client_secret())
    }

    /// The bearer token of the admin API under `/admin/api/`.
    pub fn api_key(&self) -> Secret {
        self.app.api_key().to_owned().into()
    }

    /// Goes from an authorization URL through the pages as a browser would, with that address and
    /// password, agrees to what is asked, and gives the URL that the browser is sent to in the
    /// end: the redirect URI with code or error.
    ///
    /// Blocks; this server answers meanwhile, because it has a thread of its own.
    ///
    /// # Errors
    ///
    /// [`SignInError`], with the code of the error where the server shows a page with one:
    /// `bad_credentials`, for example.
    pub fn sign_in(&self, url: &str, email: &str, password: &str) -> Result<String, SignInError> {
        sign_in(url, email, password)
    }

    /// Replaces the signing keys of all tenants. The old ones are published no more, so that the
    /// tokens they signed are good no more, as on the real server.
    ///
    /// # Errors
    ///
    /// [`StartError::Key`], if no key can be generated.
    pub fn rotate_keys(&self) -> Result<(), StartError> {
        self.rotate(false)
    }

    /// Replaces the signing keys of all tenants, and keeps the old ones published.
    ///
    /// # Errors
    ///
    /// [`StartError::Key`], if no key can be generated.
    pub fn rotate_keys_with_overlap(&self) -> Result<(), StartError> {
        self.rotate(true)
    }

    fn rotate(&self, overlap: bool) -> Result<(), StartError> {
        let (bits, tenants) = {
            let world = self.app.world();
            (world.key_bits, world.tenants().count())
        };
        // Made before the world is locked again: it takes a while.
        let keys = (0..tenants).map(|_| Keys::another(bits)).collect::<Result<Vec<_>, _>>()?;
        for (tenant, key) in self.app.world().tenants_mut().zip(keys) {
            tenant.keys.rotate(key, overlap);
        }
        Ok(())
    }

    /// Makes an endpoint of all tenants go wrong, until [`clear_faults`](Self::clear_faults).
    pub fn fault(&self, endpoint: Endpoint, fault: Fault) {
        self.app.faults().plan(endpoint, fault, None);
    }

    /// Makes an endpoint of all tenants go wrong so many times. Faults of one endpoint take
    /// effect one after the other.
    pub fn fault_times(&self, endpoint: Endpoint, fault: Fault, times: u32) {
        if times > 0 {
            self.app.faults().plan(endpoint, fault, Some(times));
        }
    }

    /// Makes everything go right again.
    pub fn clear_faults(&self) {
        self.app.faults().clear();
    }

    /// The last 10,000 requests, oldest first.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.app.log().all()
    }

    /// How many requests asked that endpoint of any tenant, among [`requests`](Self::requests).
    pub fn requests_to(&self, endpoint: Endpoint) -> usize {
        let of = |request: &&LoggedRequest| Endpoint::of(&request.path) == Some(endpoint);
        self.app.log().all().iter().filter(of).count()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.app.log().clear();
    }

    /// The last 1000 mails that a real server would have sent, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.app.outbox().all()
    }

    /// The last 1000 attempts to deliver an event to a webhook, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.app.deliveries().all()
    }

    /// Waits until the server ends, which it does when its process does.
    pub fn run(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for DevServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevServer").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

struct Listeners {
    all: Vec<TcpListener>,
    port: u16,
}

/// On that address, and with the default one on `::1` too: `localhost` is there for some.
fn listen(address: IpAddr, port: u16) -> io::Result<Listeners> {
    let mut tries = 16;
    loop {
        match listen_once(address, port) {
            // A free port of one address need not be free on the other.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 && tries > 0 => {
                tries -= 1;
            }
            listeners => return listeners,
        }
    }
}

fn listen_once(address: IpAddr, port: u16) -> io::Result<Listeners> {
    let first = TcpListener::bind(SocketAddr::new(address, port))?;
    let port = first.local_addr()?.port();
    let mut all = vec![first];
    if address == IpAddr::from([127, 0, 0, 1]) {
        match TcpListener::bind(SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port)) {
            // Who asks for `localhost` would meet whatever is there.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            listener => all.extend(listener),
        }
    }
    for listener in &all {
        listener.set_nonblocking(true)?;
    }
    Ok(Listeners { all, port })
}
