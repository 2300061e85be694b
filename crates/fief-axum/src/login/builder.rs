//! From options to a site.

use std::{fmt, sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response};
use fief_hyper::{AuthorizationRequest, Fief, UserInfo};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{AfterLogin, Page, Paths, Site, WebLogin, page};
use crate::{
    FiefAuth, MemorySessionStore, SessionStore, TokenSource, UserCache,
    cookies::SECURE_PREFIX,
    same_site::Origins,
    session::{Sessions, Store, hex},
    single_flight::SingleFlight,
};

/// An option that can't work; the message says which.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetupError(&'static str);

impl SetupError {
    #[cfg(feature = "redis")]
    pub(crate) fn new(what: &'static str) -> Self {
        Self(what)
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for SetupError {}

/// Makes a [`WebLogin`].
///
/// ```
/// use std::time::Duration;
///
/// use axum::response::IntoResponse as _;
/// use fief_axum::{AuthorizationRequest, Config, Fief, MemorySessionStore, Rejection, WebLogin};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let request = AuthorizationRequest::new("https://www.example.com/shop/callback")
///     .scope(["openid", "offline_access"]);
/// let login = WebLogin::builder(fief, request)
///     .prefix("/shop")
///     .session_store(MemorySessionStore::new(10_000))
///     .idle(Duration::from_secs(3 * 24 * 60 * 60))
///     .trust_origin("https://app.example.com")
///     .after_login(async |user| {
///         println!("welcome, {:?}", user.email);
///         Ok::<_, Rejection>(())
///     })
///     .page(|page| (page.status, page.title).into_response())
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until it builds"]
pub struct WebLoginBuilder {
    fief: Fief,
    request: AuthorizationRequest,
    prefix: String,
    login_path: String,
    logout_path: String,
    after_logout: Option<String>,
    idle: Duration,
    lifetime: Duration,
    store: Arc<Store>,
    origins: Vec<String>,
    any_origin: bool,
    accepts_bearer: bool,
    auth: Box<dyn FnOnce(crate::FiefAuthBuilder) -> crate::FiefAuthBuilder + Send>,
    after_login: Option<AfterLogin>,
    page: Box<dyn Fn(&Page) -> Response + Send + Sync>,
}

/// The longest that one operation of a store may take.
const STORE_DEADLINE: Duration = Duration::from_millis(500);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl WebLoginBuilder {
    pub(super) fn new(fief: Fief, request: AuthorizationRequest) -> Self {
        Self {
            fief,
            request,
            prefix: String::new(),
            login_path: "/login".into(),
            logout_path: "/logout".into(),
            after_logout: None,
            idle: 14 * DAY,
            lifetime: 30 * DAY,
            store: Store::new(MemorySessionStore::default(), STORE_DEADLINE),
            origins: Vec::new(),
            any_origin: false,
            accepts_bearer: false,
            auth: Box::new(|auth| auth),
            after_login: None,
            page: Box::new(page::default),
        }
    }

    /// What stands before each path in the browser, `/app` for example, and not in the requests
    /// that reach this site: behind a proxy that strips it, or a router that it is nested in. Where
    /// it is in the requests too, name whole paths instead, `/app/login` for example.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The path that begins a login, `/login` by default.
    pub fn login_path(mut self, path: impl Into<String>) -> Self {
        self.login_path = path.into();
        self
    }

    /// The path that ends the session, `/logout` by default.
    pub fn logout_path(mut self, path: impl Into<String>) -> Self {
        self.logout_path = path.into();
        self
    }

    /// The absolute URL that Fief sends the browser to after a sign-out; by default the root of the
    /// site, where the redirect URI is.
    pub fn after_logout(mut self, url: impl Into<String>) -> Self {
        self.after_logout = Some(url.into());
        self
    }

    /// How long an unused session lives; 14 days by default.
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// How long a session lives in any case; 30 days by default. A session without a refresh token
    /// ends with its access token.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Where the sessions are kept; by default in the memory of this process, until it ends.
    /// Several processes only have to share a store.
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.store = Store::new(store, STORE_DEADLINE);
        self
    }

    /// Another site whose pages may make a browser send a session with requests that change
    /// something: `https://app.example.com`. Its scripts need CORS too.
    pub fn trust_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Trusts every origin: for a site with another defence against cross-site requests.
    pub fn allow_requests_from_any_site(mut self) -> Self {
        self.any_origin = true;
        self
    }

    /// Accepts bearer tokens too, for a site that also has an API. The session of a request with a
    /// bearer token is ignored.
    pub fn accept_bearer_tokens(mut self) -> Self {
        self.accepts_bearer = true;
        self
    }

    /// The cache of the users of bearer tokens; in memory by default.
    pub fn user_cache(mut self, cache: impl UserCache) -> Self {
        self.auth = Box::new(|auth| auth.user_cache(cache));
        self
    }

    /// Calls this for each user who has signed in, before the session is created: to insert a row
    /// for a new user, for example. If it fails, the user sees its answer, and no session is
    /// created.
    pub fn after_login<F, E>(mut self, hook: impl Fn(UserInfo) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: IntoResponse,
    {
        self.after_login = Some(Box::new(move |user| {
            let outcome = hook(user);
            Box::pin(async { outcome.await.map_err(IntoResponse::into_response) })
        }));
        self
    }

    /// Another page for people whose request is refused.
    pub fn page(mut self, page: impl Fn(&Page) -> Response + Send + Sync + 'static) -> Self {
        self.page = Box::new(page);
        self
    }

    /// Checks the options and makes the site. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if an option can't work, or not together with the others.
    pub fn build(self) -> Result<WebLogin, SetupError> {
        let redirect_uri = self.request.redirect_uri();
        let url = Url::parse(redirect_uri).ok().filter(Url::has_host);
        let url = url.ok_or(SetupError("the redirect URI is not an absolute URL"))?;
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(SetupError("the redirect URI is neither https nor http")),
        };
        let prefix = self.prefix.trim_end_matches('/').to_owned();
        let callback = url.path().strip_prefix(&prefix).unwrap_or_default().to_owned();
        let paths = Paths { login: self.login_path, callback, logout: self.logout_path };
        check(&prefix, &paths)?;
        let origin = url.origin().ascii_serialization();
        let after_logout = self.after_logout.unwrap_or_else(|| format!("{origin}{prefix}/"));
        if self.fief.logout_url(&after_logout).is_err() {
            return Err(SetupError("the URL after a sign-out is not an absolute URL"));
        }
        if self.idle < Duration::from_secs(1) || self.lifetime < Duration::from_secs(1) {
            return Err(SetupError("`idle` or `lifetime` is less than a second"));
        }
        let mut origins = Origins::default();
        origins.add(&origin);
        for origin in &self.origins {
            if !origins.add(origin) {
                return Err(SetupError("a trusted origin is not a URL"));
            }
        }
        if self.any_origin {
            origins.allow_any();
        }
        let cookie_name = cookie_name(self.fief.client().client_id(), redirect_uri, is_secure);
        let sessions = Arc::new(Sessions {
            fief: self.fief.clone(),
            store: self.store,
            cookie_name,
            idle: self.idle,
            lifetime: self.lifetime,
            origins,
            refreshes: SingleFlight::new(),
        });
        let sources = self.accepts_bearer.then(TokenSource::bearer);
        let auth = (self.auth)(FiefAuth::builder(self.fief)).token_sources(sources);
        Ok(WebLogin(Arc::new(Site {
            auth: auth.sessions(Arc::clone(&sessions)).build(),
            sessions,
            request: self.request,
            origin,
            prefix,
            paths,
            after_logout,
            after_login: self.after_login,
            page: self.page,
        })))
    }
}

/// The name differs between applications on one host, and is the same in all processes of one. Over
/// https, the prefix keeps plain http and sibling domains from setting it.
fn cookie_name(client_id: &str, redirect_uri: &str, is_secure: bool) -> String {
    let digest = Sha256::new()
        .chain_update(client_id)
        .chain_update([0])
        .chain_update(redirect_uri)
        .finalize();
    let name = hex(digest.get(..4).unwrap_or_default());
    format!("{}fief-{name}", if is_secure { SECURE_PREFIX } else { "" })
}

/// Refuses what axum would panic on: a path that it can't route, and one that is there twice.
fn check(prefix: &str, paths: &Paths) -> Result<(), SetupError> {
    let Paths { login, callback, logout } = paths;
    let is_plain = |path: &str| {
        path.starts_with('/')
            && path.bytes().all(|b| b.is_ascii_graphic() && !b"{}?#\\:*\"<>".contains(&b))
    };
    if !prefix.is_empty() && (!is_plain(prefix) || prefix.starts_with("//")) {
        return Err(SetupError("the prefix is not a path"));
    }
    if !callback.starts_with('/') {
        return Err(SetupError("the redirect URI is not under the prefix"));
    }
    if callback == "/" {
        return Err(SetupError(
            "the redirect URI is the site's first page: give it a path of its own",
        ));
    }
    if !(is_plain(login) && is_plain(callback) && is_plain(logout)) {
        return Err(SetupError("a path of the login is not absolute, or holds more than a path"));
    }
    if login == callback || login == logout || callback == logout {
        return Err(SetupError("two paths of the login are the same"));
    }
    Ok(())
}

impl fmt::Debug for WebLoginBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebLoginBuilder")
            .field("fief", &self.fief)
            .field("prefix", &self.prefix)
            .field("login_path", &self.login_path)
            .finish_non_exhaustive()
    }
}
