//! Signing in and out with a browser.

mod builder;
mod page;
mod return_to;
mod routes;
mod state;
mod visitor;

use std::{fmt, pin::Pin, sync::Arc};

use axum::{
    Router,
    extract::{FromRef, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Redirect, Response},
};
use fief_hyper::{Acr, AuthorizationRequest, Fief, UserInfo};
use fief_tower::{add_headers, json};
use http::{HeaderValue, header};
use url::form_urlencoded::Serializer;

use self::visitor::{Kind, Visitor};
pub use self::{
    builder::{SetupError, WebLoginBuilder},
    page::Page,
};
use crate::{
    AuthError, FiefAuth,
    extract::Rejected,
    session::{RequestSession, Sessions},
};

/// A site whose users sign in with a browser: the pages that sign them in and out, their sessions,
/// and the answers to requests that are refused.
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use fief_axum::{Config, CurrentUser, Fief, WebLogin};
///
/// # fn site() -> Result<Router, Box<dyn std::error::Error>> {
/// let config = Config::new("https://example.fief.dev", "CLIENT_ID").client_secret("CLIENT_SECRET");
/// let login = WebLogin::builder(Fief::new(config)?, "https://www.example.com/callback").build()?;
/// let site = Router::new()
///     .route("/", get(async |user: CurrentUser| user.email.clone().unwrap_or_default()))
///     .with_state(login.auth().clone());
/// Ok(login.mount(site)) // with /login, /callback and /logout
/// # }
/// ```
///
/// - `GET /login` sends the browser to Fief, and passes `screen`, `lang`, `login_hint` and
///   `acr_values` on. `return_to` is a path of this site.
/// - `GET /callback` (the path of the redirect URI) makes the session.
/// - `POST /logout` ends the session here and at Fief.
///
/// A person who opens a page without a session is sent to the login and back; a script gets 401.
/// Where the token's level is too low, the login asks for the password, once.
///
/// The scope `offline_access` brings a refresh token: the session then outlives its tokens.
#[derive(Clone)]
pub struct WebLogin(Arc<Site>);

struct Site {
    auth: FiefAuth,
    sessions: Arc<Sessions>,
    request: AuthorizationRequest,
    /// The redirect URI without its path.
    origin: String,
    /// What stands before each path in the browser.
    prefix: String,
    paths: Paths,
    /// Where Fief sends the browser after a sign-out.
    after_logout: String,
    after_login: Option<AfterLogin>,
    page: Box<dyn Fn(&Page) -> Response + Send + Sync>,
}

/// As this program sees them, without the prefix.
struct Paths {
    login: String,
    callback: String,
    logout: String,
}

type AfterLogin = Box<
    dyn Fn(UserInfo) -> Pin<Box<dyn Future<Output = Result<(), Response>> + Send>> + Send + Sync,
>;

impl WebLogin {
    /// `request` is the redirect URI, as registered with Fief, or an [`AuthorizationRequest`] with
    /// scopes and everything else that each login requests.
    pub fn builder(fief: Fief, request: impl Into<AuthorizationRequest>) -> WebLoginBuilder {
        WebLoginBuilder::new(fief, request.into())
    }

    /// The authentication of the site, for the state of the router.
    pub fn auth(&self) -> &FiefAuth {
        &self.0.auth
    }

    /// Adds the site's pages, sessions and answers to a router.
    ///
    /// The three paths are the login's: a route of the router under one of them is never reached.
    pub fn mount(&self, router: Router) -> Router {
        routes::routes(&self.0)
            .fallback_service(router)
            .layer(from_fn_with_state(Arc::clone(&self.0), serve))
    }
}

impl FromRef<WebLogin> for FiefAuth {
    fn from_ref(login: &WebLogin) -> Self {
        login.auth().clone()
    }
}

/// Gives a request its session, and people a page where programs get a status.
async fn serve(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::of(&parts, &site.prefix);
    let session = RequestSession::default();
    parts.extensions.insert(session.clone());
    let secret = site.sessions.secret(&parts.headers);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(Rejected(mut error)) = response.extensions_mut().remove() {
        // A handler may have asked Fief for something, and passed the refusal on.
        if site.sessions.is_over(&session, secret.as_ref(), &error, None).await {
            error = AuthError::NoToken;
            response = json(&error);
        }
        if visitor.kind != Kind::Program {
            response = site.answer(&error, &visitor, session.asked(&site.sessions).await);
        }
    }
    session.dress(response.headers_mut());
    response
}

impl Site {
    /// The answer to a person. `asked` is the level that the login of the session had asked for.
    fn answer(&self, error: &AuthError, visitor: &Visitor, asked: Option<Acr>) -> Response {
        let level = error.required_acr();
        let sign_in = self.login_path(&visitor.back, level);
        let is_led = match level {
            // A second login would not reach a higher level than the first.
            Some(level) => asked < Some(level),
            None => matches!(error, AuthError::NoToken),
        };
        if is_led && visitor.kind == Kind::Navigation {
            let mut response = Redirect::to(&sign_in).into_response();
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, no_store);
            return response;
        }
        self.page(error, sign_in)
    }

    fn page(&self, error: &AuthError, sign_in: String) -> Response {
        let mut response = (self.page)(&Page::new(error, sign_in));
        add_headers(error, response.headers_mut());
        response
    }

    /// The path of the login, as the browser sees it.
    fn login_path(&self, return_to: &str, level: Option<Acr>) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("return_to", return_to);
        if let Some(level) = level {
            query.append_pair("acr_values", level.as_str());
        }
        format!("{}{}?{}", self.prefix, self.paths.login, query.finish())
    }
}

impl fmt::Debug for WebLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebLogin")
            .field("prefix", &self.0.prefix)
            .field("login", &self.0.paths.login)
            .field("callback", &self.0.paths.callback)
            .field("logout", &self.0.paths.logout)
            .finish_non_exhaustive()
    }
}
