//! From options to a login.

use std::{fmt, sync::Arc, time::Duration};

use axum::response::Response;
use fief_hyper::AuthorizationRequest;
use http::request::Parts;
use tracing::{dispatcher, warn};
use url::Url;

use super::{ErrorPage, Inner, LoginError, Paths, WebLogin, page};
use crate::{
    CookieKey, FiefAuth, MemorySessionStore, SessionStore,
    sealed_cookies::SealedCookies,
    session::{ErasedSessionStore, Keeper, Refresher},
};

/// Something is set up in a way that can't work; the text says what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetupError(&'static str);

impl SetupError {
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
#[must_use = "a builder does nothing until it builds"]
pub struct WebLoginBuilder {
    auth: FiefAuth,
    request: AuthorizationRequest,
    cookie_key: Option<CookieKey>,
    cookie_name: String,
    secure: bool,
    login_path: String,
    callback_path: Option<String>,
    logout_path: String,
    after_logout: Option<String>,
    lifetime: Duration,
    store: Arc<dyn ErasedSessionStore>,
    store_all: bool,
    error_page: Option<ErrorPage>,
}

impl WebLoginBuilder {
    pub(super) fn new(auth: FiefAuth, request: AuthorizationRequest) -> Self {
        Self {
            auth,
            request,
            cookie_key: None,
            cookie_name: "fief_app_session".into(),
            secure: true,
            login_path: "/login".into(),
            callback_path: None,
            logout_path: "/logout".into(),
            after_logout: None,
            lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            store: Arc::new(MemorySessionStore::default()),
            store_all: false,
            error_page: None,
        }
    }

    /// The key that encrypts the cookies. Without one, a random key is made and a warning given:
    /// everybody is signed out when the process ends, and a second process reads none of them.
    pub fn cookie_key(mut self, key: CookieKey) -> Self {
        self.cookie_key = Some(key);
        self
    }

    /// The name of the session cookie, `fief_app_session` by default; a secure one gets the prefix
    /// `__Host-`. Fief's own is `fief_session`, and cookies know no ports: during development both
    /// are on `localhost`.
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = name.into();
        self
    }

    /// Whether the cookies are for https alone, which is the default. `false` is for development
    /// with a browser that takes no secure cookie from `http://localhost`.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// The path that begins a login, `/login` by default.
    pub fn login_path(mut self, path: impl Into<String>) -> Self {
        self.login_path = path.into();
        self
    }

    /// The path of the callback, that of the redirect URI by default: for a proxy that changes it.
    pub fn callback_path(mut self, path: impl Into<String>) -> Self {
        self.callback_path = Some(path.into());
        self
    }

    /// The path that ends the session, `/logout` by default.
    pub fn logout_path(mut self, path: impl Into<String>) -> Self {
        self.logout_path = path.into();
        self
    }

    /// The absolute URL that Fief sends the browser to after a logout; the root of the redirect
    /// URI's host by default.
    pub fn after_logout(mut self, url: impl Into<String>) -> Self {
        self.after_logout = Some(url.into());
        self
    }

    /// How long a session with a refresh token outlives its last refresh; 30 days by default. One
    /// without ends with its access token.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Where the sessions go that are too large for a cookie; the memory of this process by
    /// default.
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Keeps every session in the store, also those that would fit into a cookie. A logout then
    /// ends the session for whoever has copied the cookie, too; and with a store that they share,
    /// several processes may refresh the sessions of the same user.
    pub fn store_every_session(mut self) -> Self {
        self.store_all = true;
        self
    }

    /// Another page for a login that fails. `LoginError` itself says the status.
    pub fn error_page(
        mut self,
        page: impl Fn(&LoginError, &Parts) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.error_page = Some(Box::new(page));
        self
    }

    /// Checks the options and makes the login. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the options can't work together.
    pub fn build(self) -> Result<WebLogin, SetupError> {
        if !self.auth.reads_session() {
            return Err(SetupError("the FiefAuth lacks TokenSource::session in its token sources"));
        }
        let redirect_uri = Url::parse(self.request.redirect_uri())
            .map_err(|_| SetupError("the redirect URI is no absolute URL"))?;
        let paths = Paths {
            login: self.login_path,
            callback: self.callback_path.unwrap_or_else(|| redirect_uri.path().to_owned()),
            logout: self.logout_path,
        };
        check(&paths)?;
        if !is_token(&self.cookie_name) {
            return Err(SetupError("the cookie name is no name of a cookie"));
        }
        let after_logout = match self.after_logout {
            Some(url) => url,
            None => redirect_uri.join("/").map(String::from).unwrap_or_default(),
        };
        if self.auth.fief().logout_url(&after_logout).is_err() {
            return Err(SetupError("the URL after a logout is no absolute URL"));
        }
        let key = match self.cookie_key {
            Some(key) => key,
            None => {
                announce_random_key();
                CookieKey::random()?
            }
        };
        let login_path = paths.login.clone();
        let keeper = Keeper {
            fief: self.auth.fief().clone(),
            cookies: SealedCookies::new(key, self.secure),
            cookie_name: self.cookie_name,
            store: self.store,
            store_all: self.store_all,
            lifetime: self.lifetime,
            refresher: Refresher::new(),
        };
        Ok(WebLogin(Arc::new(Inner {
            auth: self.auth,
            request: self.request,
            keeper: Arc::new(keeper),
            paths,
            after_logout,
            error_page: self
                .error_page
                .unwrap_or_else(|| Box::new(move |error, _| page::error(error, &login_path))),
        })))
    }
}

/// Axum panics on a path that it can't route, and on one that stands twice.
fn check(paths: &Paths) -> Result<(), SetupError> {
    let Paths { login, callback, logout } = paths;
    let is_plain = |path: &String| {
        path.starts_with('/')
            && path.bytes().all(|b| b.is_ascii_graphic() && !b"{}?#\\:*".contains(&b))
    };
    if !(is_plain(login) && is_plain(callback) && is_plain(logout)) {
        return Err(SetupError("a path of the login is not absolute, or holds more than a path"));
    }
    if login == callback || login == logout || callback == logout {
        return Err(SetupError("two paths of the login are the same"));
    }
    Ok(())
}

/// A token of RFC 9110 section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn announce_random_key() {
    const TEXT: &str = "fief-axum: no cookie key is given, so a random one is used: everybody is \
        signed out when this process ends, and no other process reads its cookies";
    if dispatcher::has_been_set() {
        warn!("{TEXT}");
    } else {
        eprintln!("{TEXT}");
    }
}

impl fmt::Debug for WebLoginBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebLoginBuilder")
            .field("auth", &self.auth)
            .field("login_path", &self.login_path)
            .finish_non_exhaustive()
    }
}
