//! A server that runs.

use std::{
    fmt,
    thread::{self, JoinHandle},
    time::Duration,
};

use fief_proto::{Config, Secret};
use serde_json::{Map, Value};
use tokio::{runtime, sync::oneshot};
use uuid::Uuid;

use crate::{
    browser::{Browser, sign_in},
    builder::Builder,
    clock::Clock,
    error::{ChangeError, SignInError, StartError},
    http::app::App,
    listen::listen,
    observe::{
        Delivery, Mail,
        faults::{Endpoint, Fault},
        requests::LoggedRequest,
    },
    oidc::issue::direct_access_token,
    overview,
    random::random_string,
    serve::serve,
    settings::user::User,
    store::{Client, Store},
    tokens::keys::SigningKey,
    webhooks,
};

impl Builder {
    /// Starts the server, which is ready when this returns.
    ///
    /// # Errors
    ///
    /// [`StartError`], if the port is in use or a setting can't be used.
    pub fn start(mut self) -> Result<DevServer, StartError> {
        if !self.address.is_loopback() && !self.beyond_loopback {
            return Err(StartError::NotLoopback);
        }
        let webhooks = std::mem::take(&mut self.settings.webhooks);
        for webhook in &webhooks {
            webhooks::check(webhook, self.beyond_loopback)?;
        }
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listeners = {
            let _entered = runtime.enter();
            listen(self.address, self.port)?
        };
        let mut settings = self.settings.or_default();
        let api_key = settings.api_key.take().unwrap_or_else(random_string);
        let store = Store::filled(settings, self.clock.now().as_secs())?;
        let domain = format!("localhost:{}", listeners.port);
        let app = App::new(store, self.clock, domain, api_key);
        for webhook in webhooks {
            webhooks::subscribe(webhook, &app)?;
        }
        let (stop, stopped) = oneshot::channel();
        let served = app.clone();
        let thread = thread::Builder::new().name("fief-devserver".to_owned()).spawn(move || {
            for listener in listeners.all {
                runtime.spawn(serve(listener, served.clone()));
            }
            // An error, too, means that the server was dropped.
            let _ = runtime.block_on(stopped);
        })?;
        let base_url = format!("http://{}", app.domain());
        Ok(DevServer { app, base_url, stop: Some(stop), thread: Some(thread) })
    }
}

/// A Fief server that runs in a thread of this process until it is dropped.
///
/// ```
/// use fief_devserver::DevServer;
/// use fief_ureq::Fief;
///
/// let server = DevServer::start()?;
/// let fief = Fief::new(server.config())?;
/// let token = server.access_token("anne@bretagne.duchy", "devserver", &["openid"])?;
/// assert_eq!(fief.userinfo(&token)?.email.as_deref(), Some("anne@bretagne.duchy"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DevServer {
    app: App,
    base_url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Start a server, and configure a client for it.
impl DevServer {
    /// Starts a server with default clients, two users and some permissions on a free port.
    ///
    /// # Errors
    ///
    /// [`StartError`], if there is no free port, or no thread can be started.
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Sets a server up before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL of the default tenant: `http://localhost:PORT`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The base URL of the tenant with this slug.
    pub fn tenant_url(&self, slug: &str) -> String {
        format!("{}/{slug}", self.base_url)
    }

    /// The `client_id` of the default client.
    pub fn client_id(&self) -> String {
        self.app.store().clients.first().map(|client| client.client_id.clone()).unwrap_or_default()
    }

    /// The `client_secret` of the default client.
    pub fn client_secret(&self) -> Secret {
        let store = self.app.store();
        store.clients.first().map(|client| client.client_secret.clone()).unwrap_or_default().into()
    }

    /// A configuration for the default client, ready for a driver.
    ///
    /// Changes take effect at the next call of a test: there is no leeway for clocks, and keys are
    /// fetched for each check. So a token of [`token_lifetime(0)`](crate::Client::token_lifetime)
    /// is expired at once, and a token is refused at once if its key was rotated out. For the
    /// defaults of a client in production, make a `Config` from [`base_url`](Self::base_url).
    pub fn config(&self) -> Config {
        let store = self.app.store();
        match store.clients.first() {
            Some(client) => self.config_of(&store, client),
            None => Config::new(self.base_url(), ""),
        }
    }

    /// The same for the client with this ID, of any tenant, with its secret unless it is public,
    /// and with its encryption key.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownClient`].
    pub fn config_for(&self, client_id: &str) -> Result<Config, ChangeError> {
        let store = self.app.store();
        Ok(self.config_of(&store, client(&store, client_id)?))
    }

    fn config_of(&self, store: &Store, client: &Client) -> Config {
        let tenant = store.tenant_by_id(client.tenant);
        let prefix = tenant.map(crate::store::Tenant::prefix).unwrap_or_default();
        let mut config = Config::new(format!("{}{prefix}", self.base_url), &*client.client_id)
            .leeway(Duration::ZERO)
            .key_refetch_cooldown(Duration::ZERO)
            .keys_due_after(Duration::ZERO)
            .keys_expire_after(Duration::ZERO);
        if client.is_confidential() {
            config = config.client_secret(client.client_secret.clone());
        }
        match &client.encryption_key {
            Some(jwk) => config.encryption_key(jwk.to_string()),
            None => config,
        }
    }

    /// The bearer token of the admin API under `/admin/api/`.
    pub fn api_key(&self) -> Secret {
        self.app.api_key().to_owned().into()
    }

    /// The clients and users, for people, with the lines of an `.env` file.
    pub fn overview(&self) -> String {
        overview::printed(&self.app, &self.base_url)
    }

    /// The clock of the server: move it, and share it with the client.
    pub fn clock(&self) -> &Clock {
        self.app.clock()
    }
}

/// Sign in, or get tokens without a sign-in.
impl DevServer {
    /// Walks the pages from an authorization URL on as a browser would, with this address and
    /// password, gives consent, and returns the URL that the browser is sent to in the end: the
    /// redirect URI with a code or an error.
    ///
    /// This call blocks. The server answers meanwhile, because it has a thread of its own.
    ///
    /// # Errors
    ///
    /// [`SignInError`], with the code of the error where the server shows a page with one:
    /// `bad_credentials`, for example.
    pub fn sign_in(&self, url: &str, email: &str, password: &str) -> Result<String, SignInError> {
        sign_in(url, email, password)
    }

    /// The same, but denies consent. Only a [`third_party`](crate::Client::third_party) client has
    /// the consent page.
    ///
    /// # Errors
    ///
    /// [`SignInError`], also if the server never asks for consent.
    pub fn deny_consent(
        &self,
        url: &str,
        email: &str,
        password: &str,
    ) -> Result<String, SignInError> {
        Browser::default().deny_consent(url, email, password)
    }

    /// An access token for a user of this client's tenant, without a sign-in. Its ACR is `"0"`,
    /// because no password was given.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownClient`], [`ChangeError::UnknownUser`].
    pub fn access_token(
        &self,
        email: &str,
        client_id: &str,
        scope: &[&str],
    ) -> Result<Secret, ChangeError> {
        self.issue(email, client_id, scope, Map::new())
    }

    /// An access token with chosen claims: those in the object replace the usual ones, and null
    /// removes one. For example `json!({"acr": "1", "permissions": ["castles:read"]})`, or
    /// `json!({"exp": 0})`, or `json!({"aud": ["another"]})`.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownClient`], [`ChangeError::UnknownUser`], [`ChangeError::Claims`] for
    /// claims that are not an object.
    pub fn access_token_with(
        &self,
        email: &str,
        client_id: &str,
        claims: Value,
    ) -> Result<Secret, ChangeError> {
        let Value::Object(claims) = claims else { return Err(ChangeError::Claims) };
        self.issue(email, client_id, &["openid"], claims)
    }

    fn issue(
        &self,
        email: &str,
        client_id: &str,
        scope: &[&str],
        claims: Map<String, Value>,
    ) -> Result<Secret, ChangeError> {
        let store = self.app.store();
        let client = client(&store, client_id)?;
        let user = store.user_by_email(client.tenant, email);
        let user = user.ok_or_else(|| ChangeError::UnknownUser(email.to_owned()))?;
        let scope: Vec<_> = scope.iter().map(|&scope| scope.to_owned()).collect();
        let token = direct_access_token(&self.app, &store, client, user, &scope, claims);
        Ok(token.ok_or(ChangeError::NotSigned)?.into())
    }
}

/// Change users, clients and keys. With several tenants, a user of the default one is preferred to
/// those of others.
impl DevServer {
    /// Adds a user.
    ///
    /// # Errors
    ///
    /// [`StartError::User`] if the address is in use, [`StartError::Tenant`] if there is no such
    /// tenant.
    pub fn add_user(&self, user: User) -> Result<Uuid, StartError> {
        self.app.store().add_user(user, self.app.now())
    }

    /// Removes a user with their sessions, codes and refresh tokens. Their access tokens stay valid
    /// where they are validated without asking the server.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownUser`].
    pub fn remove_user(&self, email: &str) -> Result<(), ChangeError> {
        let mut store = self.app.store();
        let user = user(&store, email)?;
        store.remove_user(user);
        Ok(())
    }

    /// Gives a user a permission by its codename, which is added if it does not exist. Tokens
    /// issued from then on have it.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownUser`].
    pub fn grant(&self, email: &str, codename: &str) -> Result<(), ChangeError> {
        let mut store = self.app.store();
        let user = user(&store, email)?;
        store.grant(user, codename, self.app.now());
        Ok(())
    }

    /// Revokes a permission of a user; does nothing if the user does not have it. Tokens issued
    /// from then on lack it.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownUser`].
    pub fn revoke(&self, email: &str, codename: &str) -> Result<(), ChangeError> {
        let mut store = self.app.store();
        let user = user(&store, email)?;
        store.revoke(user, codename);
        Ok(())
    }

    /// Adds a redirect URI to a client, as it is written: for a program that listens on any free
    /// port.
    ///
    /// # Errors
    ///
    /// [`ChangeError::UnknownClient`].
    pub fn add_redirect_uri(&self, client_id: &str, uri: &str) -> Result<(), ChangeError> {
        let mut store = self.app.store();
        let id = client(&store, client_id)?.id;
        store.update_client(id, self.app.now(), |client| {
            if !client.redirect_uris.iter().any(|known| known == uri) {
                client.redirect_uris.push(uri.to_owned());
            }
        });
        Ok(())
    }

    /// Replaces the signing keys of all tenants. The old ones are not published any more, as on the
    /// real server: their tokens are refused as soon as a client has fetched the new key set, which
    /// with [`config`](Self::config) is at its next call.
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
            let store = self.app.store();
            (store.key_bits, store.tenants().count())
        };
        // Generated before the store is locked again, because it takes long.
        let keys =
            (0..tenants).map(|_| SigningKey::generate(bits)).collect::<Result<Vec<_>, _>>()?;
        for (tenant, key) in self.app.store().tenants_mut().zip(keys) {
            tenant.keys.rotate(key, overlap);
        }
        Ok(())
    }
}

/// Inject faults.
impl DevServer {
    /// Makes an endpoint of all tenants fail, until [`clear_faults`](Self::clear_faults).
    pub fn fault(&self, endpoint: Endpoint, fault: Fault) {
        self.app.observed().faults.plan(endpoint, fault, None);
    }

    /// Makes an endpoint of all tenants fail so many times. Faults of one endpoint take effect one
    /// after the other.
    pub fn fault_times(&self, endpoint: Endpoint, fault: Fault, times: u32) {
        if times > 0 {
            self.app.observed().faults.plan(endpoint, fault, Some(times));
        }
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.app.observed().faults.clear();
    }
}

/// See what happened.
impl DevServer {
    /// The last 10,000 requests, oldest first; fewer if they are large. Each is recorded when it
    /// arrives.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.app.observed().requests.all()
    }

    /// How many of the [`requests`](Self::requests) were to this endpoint, of any tenant.
    pub fn requests_to(&self, endpoint: Endpoint) -> usize {
        self.app.observed().requests.to(endpoint).len()
    }

    /// The one request to this endpoint, to check what was sent.
    ///
    /// ```
    /// # use fief_devserver::{DevServer, Endpoint};
    /// # let server = DevServer::start()?;
    /// # let fief = fief_ureq::Fief::new(server.config())?;
    /// # let login = fief.login("http://localhost:8000/callback")?;
    /// # let callback = server.sign_in(&login.url, "anne@bretagne.duchy", "hermine-tincture-1488")?;
    /// # fief.finish_login(login.pending, &callback)?;
    /// let request = server.only_request_to(Endpoint::Token);
    /// assert_eq!(request.parameter("grant_type"), Some("authorization_code"));
    /// assert_eq!(request.parameter("client_secret"), Some("[redacted]"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If there was none or more than one. The message lists all requests.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion of a test")]
    pub fn only_request_to(&self, endpoint: Endpoint) -> LoggedRequest {
        let found = self.app.observed().requests.to(endpoint);
        match <[LoggedRequest; 1]>::try_from(found) {
            Ok([request]) => request,
            Err(found) => panic!(
                "{} requests to {endpoint:?}, not one; all requests: {:#?}",
                found.len(),
                self.requests()
            ),
        }
    }

    /// Removes the requests recorded so far.
    pub fn clear_requests(&self) {
        self.app.observed().requests.clear();
    }

    /// The last 1000 mails that a real server would have sent, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.app.observed().mails.all()
    }

    /// The last 1000 attempts to deliver an event to a webhook, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.app.observed().deliveries.all()
    }

    /// Serves until the process ends.
    pub fn run(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        self.app.stop();
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

fn client<'a>(store: &'a Store, client_id: &str) -> Result<&'a Client, ChangeError> {
    store.client(client_id).ok_or_else(|| ChangeError::UnknownClient(client_id.to_owned()))
}

/// The user of the default tenant, or else of the first tenant that has one.
fn user(store: &Store, email: &str) -> Result<Uuid, ChangeError> {
    let found = store.tenants().find_map(|tenant| store.user_by_email(tenant.id, email));
    found.map(|user| user.id).ok_or_else(|| ChangeError::UnknownUser(email.to_owned()))
}
