//! Signing in and out with a browser.

mod builder;
mod error;
mod page;
mod pending;
mod redirect;
mod return_to;
mod routes;
mod same_origin;

use std::{fmt, sync::Arc};

use axum::{Router, response::Response};
use fief_hyper::AuthorizationRequest;
use http::request::Parts;

pub use self::{
    builder::{SetupError, WebLoginBuilder},
    error::LoginError,
    redirect::redirect_to_login,
};
use crate::{FiefAuth, SessionLayer, session::Keeper};

/// The pages that sign a user in and out, and the session in between.
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use fief_axum::{
///     Config, CookieKey, CurrentUser, Fief, FiefAuth, TokenSource, WebLogin, redirect_to_login,
/// };
///
/// # async fn site(secret: [u8; 32]) -> Result<Router, Box<dyn std::error::Error>> {
/// let config = Config::new("https://example.fief.dev", "CLIENT_ID");
/// let auth = FiefAuth::builder(Fief::new(config.client_secret("CLIENT_SECRET"))?)
///     .token_sources([TokenSource::session()])
///     .answer(redirect_to_login("/login"))
///     .build();
/// let login = WebLogin::builder(&auth, "https://www.example.com/callback")
///     .cookie_key(CookieKey::new(&secret)?)
///     .build()?;
/// let site = Router::new()
///     .route("/", get(async |CurrentUser(user): CurrentUser| user.email.unwrap_or_default()))
///     .with_state(auth);
/// Ok(login.mount(site)) // adds /login, /callback and /logout
/// # }
/// ```
///
/// - `GET /login?return_to=/path` sends the browser to Fief; `acr_values=1` asks for the password
///   even where Fief has a session.
/// - `GET /callback` (the path of the redirect URI) checks state, nonce and PKCE, which wait in an
///   encrypted cookie of an hour, one for each tab; then it sets the session.
/// - `POST /logout` ends the session here and at Fief; from another site it is refused.
///
/// The session is encrypted in the browser's cookie, or in a
/// [`SessionStore`](crate::SessionStore) where it is larger than a cookie may be. Where the scope
/// `offline_access` has brought a refresh token, an expired session is refreshed.
///
/// A refresh token works once. With several processes, either keep every session in a store that
/// they share ([`WebLoginBuilder::store_every_session`]) or send each user to the same process;
/// else two of them may refresh one session at the same time, and end it.
#[derive(Clone)]
pub struct WebLogin(Arc<Inner>);

struct Inner {
    auth: FiefAuth,
    request: AuthorizationRequest,
    keeper: Arc<Keeper>,
    paths: Paths,
    /// Where Fief sends the browser after a logout.
    after_logout: String,
    error_page: ErrorPage,
}

struct Paths {
    login: String,
    callback: String,
    logout: String,
}

type ErrorPage = Box<dyn Fn(&LoginError, &Parts) -> Response + Send + Sync>;

impl WebLogin {
    /// `request` is the redirect URI, as registered with Fief, or an [`AuthorizationRequest`] with
    /// scopes and whatever else each login asks.
    pub fn builder(auth: &FiefAuth, request: impl Into<AuthorizationRequest>) -> WebLoginBuilder {
        WebLoginBuilder::new(auth.clone(), request.into())
    }

    /// Adds the routes to a router, and the session to all of it.
    pub fn mount<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.merge(routes::routes(self)).layer(self.layer())
    }

    /// The layer alone, for tower services that are no router of axum's.
    pub fn layer(&self) -> SessionLayer {
        SessionLayer::new(Arc::clone(&self.0.keeper))
    }
}

impl fmt::Debug for WebLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebLogin")
            .field("login", &self.0.paths.login)
            .field("callback", &self.0.paths.callback)
            .field("logout", &self.0.paths.logout)
            .finish_non_exhaustive()
    }
}
