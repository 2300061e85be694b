//! The authentication of an API or a site.

use std::{fmt, sync::Arc};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use fief_hyper::{AccessTokenInfo, Fief, Requirements};
use fief_tower::{Authenticate, Reject, Require};
use http::request::Parts;
use uuid::Uuid;

use crate::{
    AuthError, BoxError, MemoryUserCache, Rejection, TokenSource, UserCache, session::Sessions,
    users::Users,
};

/// Authenticates requests: put it into the router's state, so that the extractors can use it.
///
/// Cheap to clone; clones share the client, the cache of users and the rest. Where the state is a
/// type of your own, implement `FromRef` for it. The one of a site comes from
/// [`WebLogin::auth`](crate::WebLogin::auth).
///
/// ```
/// use axum::{Router, extract::FromRef, routing::get};
/// use fief_axum::{AccessToken, Config, Fief, FiefAuth};
///
/// #[derive(Clone)]
/// struct App {
///     auth: FiefAuth,
/// }
///
/// impl FromRef<App> for FiefAuth {
///     fn from_ref(app: &App) -> Self {
///         app.auth.clone()
///     }
/// }
///
/// # fn main() -> Result<(), fief_axum::Error> {
/// let auth = FiefAuth::new(Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?);
/// let app: Router = Router::new()
///     .route("/", get(async |token: AccessToken| token.0.id.to_string()))
///     .with_state(App { auth });
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FiefAuth(Arc<Inner>);

struct Inner {
    fief: Fief,
    sources: Vec<TokenSource>,
    sessions: Option<Arc<Sessions>>,
    answer: Answer,
    users: Users,
}

type Answer = Box<dyn Fn(&AuthError, &Parts) -> Response + Send + Sync>;

/// A validated token, for later checks during the same request.
#[derive(Clone)]
struct Validated {
    /// An application may have several, of which each validates for itself.
    by: FiefAuth,
    info: AccessTokenInfo,
}

impl FiefAuth {
    /// With the token in the header `Authorization`, and the users cached in memory.
    pub fn new(fief: Fief) -> Self {
        Self::builder(fief).build()
    }

    /// A builder, to change the defaults.
    pub fn builder(fief: Fief) -> FiefAuthBuilder {
        FiefAuthBuilder {
            fief,
            sources: vec![TokenSource::bearer()],
            sessions: None,
            answer: Box::new(|error, _| Rejection::from(error.clone()).into_response()),
            cache: Arc::new(MemoryUserCache::default()),
        }
    }

    /// The client, for all other calls to Fief.
    pub fn fief(&self) -> &Fief {
        &self.0.fief
    }

    /// A layer that requires this of each request to a route, a router or another service.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use fief_axum::{Acr, FiefAuth, Requirements};
    ///
    /// fn routes(auth: &FiefAuth) -> Router {
    ///     let read = auth.require(Requirements::none().permission("castles:read"));
    ///     let danger = auth.require(Requirements::none().acr(Acr::LevelOne));
    ///     Router::new()
    ///         .route("/castles/sell", get(async || "Sold.").layer(danger))
    ///         .route("/castles", get(async || "Fougères"))
    ///         .route_layer(read) // for both; an unknown path stays 404
    /// }
    /// ```
    pub fn require(&self, requirements: Requirements) -> Require<Self> {
        Require::new(self.clone(), requirements)
    }

    /// What the request's token says, if it meets the requirements: for a guard of your own.
    ///
    /// The signature is checked once per request, however often this is called.
    ///
    /// # Errors
    ///
    /// Why the request is refused; [`reject`](Self::reject) makes the answer.
    pub async fn authenticate(
        &self,
        parts: &mut Parts,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, AuthError> {
        if let Some(seen) = parts.extensions.get::<Validated>()
            && Arc::ptr_eq(&seen.by.0, &self.0)
        {
            requirements.check(&seen.info).map_err(|error| AuthError::Fief(error.into()))?;
            return Ok(seen.info.clone());
        }
        let info = self.find(parts, requirements).await?.ok_or(AuthError::NoToken)?;
        parts.extensions.insert(Validated { by: self.clone(), info: info.clone() });
        Ok(info)
    }

    /// The first source that holds anything decides; the session is the last.
    async fn find(
        &self,
        parts: &mut Parts,
        requirements: &Requirements,
    ) -> Result<Option<AccessTokenInfo>, AuthError> {
        for source in &self.0.sources {
            if let Some(token) = source.find(parts)? {
                return Ok(Some(self.0.fief.validate_access_token(&token, requirements).await?));
            }
        }
        match &self.0.sessions {
            Some(sessions) => sessions.authenticate(parts, requirements).await,
            None => Ok(None),
        }
    }

    /// The answer to a request that is refused. It logs the error, unless its sender gets to know
    /// all of it.
    pub fn reject(&self, error: AuthError, parts: &Parts) -> Rejection {
        error.log();
        let response = (self.0.answer)(&error, parts);
        Rejection::new(error, response)
    }

    /// Ends all sessions of a user of this site, because a webhook says that the user was deleted,
    /// for example, or an administrator asks for it. Without sessions it does nothing.
    ///
    /// # Errors
    ///
    /// [`AuthError::Store`] if the store can't be reached: sessions may go on.
    pub async fn end_sessions_of(&self, user: Uuid) -> Result<(), AuthError> {
        match &self.0.sessions {
            Some(sessions) => sessions.end_all(user).await,
            None => Ok(()),
        }
    }

    /// Removes a user from the cache, because a webhook says that they were changed, for example.
    ///
    /// # Errors
    ///
    /// If the cache fails.
    pub async fn forget_user(&self, id: Uuid) -> Result<(), BoxError> {
        self.0.users.cache().remove(id).await
    }

    /// Empties the cache of users.
    ///
    /// # Errors
    ///
    /// If the cache fails.
    pub async fn forget_all_users(&self) -> Result<(), BoxError> {
        self.0.users.cache().clear().await
    }

    pub(crate) fn users(&self) -> &Users {
        &self.0.users
    }

    pub(crate) fn sessions(&self) -> Option<&Arc<Sessions>> {
        self.0.sessions.as_ref()
    }
}

impl Authenticate for FiefAuth {
    async fn authenticate(
        &self,
        parts: &mut Parts,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, AuthError> {
        Self::authenticate(self, parts, requirements).await
    }
}

impl Reject<Body> for FiefAuth {
    fn reject(&self, error: &AuthError, parts: &Parts) -> Response {
        (self.0.answer)(error, parts)
    }
}

impl fmt::Debug for FiefAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FiefAuth")
            .field("fief", &self.0.fief)
            .field("sources", &self.0.sources)
            .finish_non_exhaustive()
    }
}

/// Makes a [`FiefAuth`].
///
/// ```
/// use std::time::Duration;
///
/// use axum::{http::StatusCode, response::IntoResponse as _};
/// use fief_axum::{Config, Fief, FiefAuth, MemoryUserCache, TokenSource, add_headers};
///
/// # fn main() -> Result<(), fief_axum::Error> {
/// # let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let auth = FiefAuth::builder(fief)
///     .token_sources([TokenSource::bearer(), TokenSource::cookie("token", [])])
///     .user_cache(MemoryUserCache::new(Duration::from_secs(60), 1000))
///     .answer(|error, _| {
///         let mut answer = (error.status(), error.description().into_owned()).into_response();
///         add_headers(error, answer.headers_mut());
///         answer
///     })
///     .build();
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until it builds"]
pub struct FiefAuthBuilder {
    fief: Fief,
    sources: Vec<TokenSource>,
    sessions: Option<Arc<Sessions>>,
    answer: Answer,
    cache: Arc<dyn UserCache>,
}

impl FiefAuthBuilder {
    /// Where to look for the token, the bearer header by default. The first source that holds
    /// anything decides.
    pub fn token_sources(mut self, sources: impl IntoIterator<Item = TokenSource>) -> Self {
        self.sources = sources.into_iter().collect();
        self
    }

    /// Another answer for a request that is refused.
    ///
    /// What its sender may know is in the error's `status`, `code`, `description`, `challenge` and
    /// `retry_after`; its `Display` is for the log. [`add_headers`](crate::add_headers) adds the
    /// headers that belong to it.
    pub fn answer(
        mut self,
        answer: impl Fn(&AuthError, &Parts) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.answer = Box::new(answer);
        self
    }

    /// The cache of users; in memory by default, 10000 of them for 5 minutes.
    pub fn user_cache(mut self, cache: impl UserCache) -> Self {
        self.cache = Arc::new(cache);
        self
    }

    pub(crate) fn sessions(mut self, sessions: Arc<Sessions>) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// Makes it. Nothing is sent yet.
    pub fn build(self) -> FiefAuth {
        FiefAuth(Arc::new(Inner {
            fief: self.fief,
            sources: self.sources,
            sessions: self.sessions,
            answer: self.answer,
            users: Users::new(self.cache),
        }))
    }
}

impl fmt::Debug for FiefAuthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FiefAuthBuilder")
            .field("fief", &self.fief)
            .field("sources", &self.sources)
            .finish_non_exhaustive()
    }
}
