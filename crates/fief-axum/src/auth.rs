//! The authentication of an API or a site.

use std::{fmt, sync::Arc};

use axum::response::{IntoResponse as _, Response};
use fief_hyper::{AccessTokenInfo, Fief, Requirements};
use http::request::Parts;
use uuid::Uuid;

use crate::{
    AuthError, BoxError, MemoryUserCache, Rejection, Require, TokenSource, UserCache,
    cache::ErasedUserCache, users::Users,
};

/// Tells who a request is from: put it into the router's state, and name what a handler wants.
///
/// Cheap to clone; clones share the client, the cache of users and the rest. Where the state is a
/// type of your own, implement `FromRef` for it.
#[derive(Clone)]
pub struct FiefAuth(Arc<Inner>);

struct Inner {
    fief: Fief,
    sources: Vec<TokenSource>,
    answer: Answer,
    users: Users,
}

pub(crate) type Answer = Box<dyn Fn(&AuthError, &Parts) -> Response + Send + Sync>;

/// What a token was found to say, for those who ask again during the same request.
#[derive(Clone)]
struct Validated {
    /// An application may have several: what one finds good is nothing to another.
    by: FiefAuth,
    info: AccessTokenInfo,
}

impl FiefAuth {
    /// With the token in the header `Authorization`, and the users cached in memory.
    pub fn new(fief: Fief) -> Self {
        Self::builder(fief).build()
    }

    /// With what differs from the defaults.
    pub fn builder(fief: Fief) -> FiefAuthBuilder {
        FiefAuthBuilder {
            fief,
            sources: vec![TokenSource::bearer()],
            answer: Box::new(|error, _| error.clone().into_response()),
            cache: Arc::new(MemoryUserCache::default()),
        }
    }

    /// The client, for whatever else there is to ask of Fief.
    pub fn fief(&self) -> &Fief {
        &self.0.fief
    }

    /// Begins the requirements of a route, a router or any other tower service.
    pub fn require(&self) -> Require {
        Require::new(self.clone())
    }

    /// Takes a user out of the cache, because a webhook told of a change for example.
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

    pub(crate) fn reads_session(&self) -> bool {
        self.0.sources.iter().any(TokenSource::is_session)
    }

    /// What the request's token says, if it allows what is required. The signature is checked once
    /// a request, however often this is asked.
    pub(crate) async fn authenticate(
        &self,
        parts: &mut Parts,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, AuthError> {
        if let Some(seen) = parts.extensions.get::<Validated>()
            && Arc::ptr_eq(&seen.by.0, &self.0)
        {
            requirements.check(&seen.info).map_err(AuthError::AccessToken)?;
            return Ok(seen.info.clone());
        }
        let token = self.0.sources.iter().find_map(|source| source.find(parts).transpose());
        let token = token.transpose()?.ok_or(AuthError::NoToken)?;
        let info = self.0.fief.validate_access_token(token.expose(), requirements).await?;
        parts.extensions.insert(Validated { by: self.clone(), info: info.clone() });
        Ok(info)
    }

    pub(crate) fn reject(&self, error: AuthError, parts: &Parts) -> Rejection {
        error.log();
        let response = (self.0.answer)(&error, parts);
        Rejection::new(error, response)
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
#[must_use = "a builder does nothing until it builds"]
pub struct FiefAuthBuilder {
    fief: Fief,
    sources: Vec<TokenSource>,
    answer: Answer,
    cache: Arc<dyn ErasedUserCache>,
}

impl FiefAuthBuilder {
    /// Where to look for the token, the bearer header by default. The first place that holds
    /// anything decides.
    pub fn token_sources(mut self, sources: impl IntoIterator<Item = TokenSource>) -> Self {
        self.sources = sources.into_iter().collect();
        self
    }

    /// Another answer for a request that is not let through: a page, or a redirect as
    /// [`redirect_to_login`](crate::redirect_to_login) gives it. `AuthError` itself turns into the
    /// default one.
    pub fn answer(
        mut self,
        answer: impl Fn(&AuthError, &Parts) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.answer = Box::new(answer);
        self
    }

    /// Where the users are remembered; in memory by default, 10000 of them for 5 minutes.
    pub fn user_cache(mut self, cache: impl UserCache) -> Self {
        self.cache = Arc::new(cache);
        self
    }

    /// Makes it. Nothing is sent yet.
    pub fn build(self) -> FiefAuth {
        FiefAuth(Arc::new(Inner {
            fief: self.fief,
            sources: self.sources,
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
