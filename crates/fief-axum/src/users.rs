//! What is known of the users, through the cache or past it.

use std::{sync::Arc, time::Duration};

use fief_hyper::{AccessTokenInfo, Fief, Report, UserInfo};
use tracing::warn;
use uuid::Uuid;

use crate::{AuthError, cache::ErasedUserCache, flights::Flights};

/// The claims of an ID token that are about the token or the sign-in, not about the user.
const ABOUT_THE_TOKEN: [&str; 13] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
];

pub(crate) struct Users {
    cache: Arc<dyn ErasedUserCache>,
    flights: Flights<Uuid, Result<UserInfo, AuthError>>,
}

impl Users {
    pub fn new(cache: Arc<dyn ErasedUserCache>) -> Self {
        Self { cache, flights: Flights::new(Duration::ZERO) }
    }

    pub fn cache(&self) -> &dyn ErasedUserCache {
        self.cache.as_ref()
    }

    /// The user of a token that was found good, from the cache where it knows them.
    pub async fn current(
        &self,
        fief: &Fief,
        token: &AccessTokenInfo,
    ) -> Result<UserInfo, AuthError> {
        if let Some(user) = look_up(&*self.cache, token.id).await {
            return Ok(user);
        }
        let work = {
            let (cache, fief, token) = (Arc::clone(&self.cache), fief.clone(), token.clone());
            async move {
                // Another flight may have landed since the look above.
                match look_up(&*cache, token.id).await {
                    Some(user) => Ok(user),
                    None => fetch(&*cache, &fief, &token).await,
                }
            }
        };
        match self.flights.join(token.id, work, |_| false).await {
            // Somebody else's token of the same user may have been refused; ask with this one.
            Some(Err(AuthError::TokenRefused(_))) | None => self.fresh(fief, token).await,
            Some(result) => result,
        }
    }

    /// The user of a token that was found good, from Fief.
    pub async fn fresh(&self, fief: &Fief, token: &AccessTokenInfo) -> Result<UserInfo, AuthError> {
        fetch(&*self.cache, fief, token).await
    }

    /// Remembers the user of an ID token that was found good, in the shape of the user API.
    pub async fn learn(&self, claims: &UserInfo) {
        // The ID tokens of old servers hold a part only.
        let (Ok(id), Some(_)) = (Uuid::try_parse(&claims.sub), &claims.fields) else {
            return;
        };
        let mut user = claims.clone();
        user.rest.retain(|name, _| !ABOUT_THE_TOKEN.contains(&name.as_str()));
        keep(&*self.cache, id, &user).await;
    }
}

/// A cache that fails is a cache that does not know.
async fn look_up(cache: &dyn ErasedUserCache, id: Uuid) -> Option<UserInfo> {
    match cache.get(id).await {
        // It may be shared with others who write into it.
        Ok(found) => found.filter(|user| Uuid::try_parse(&user.sub) == Ok(id)),
        Err(error) => {
            warn!("the cache of users fails: {}", Report(&*error));
            None
        }
    }
}

async fn fetch(
    cache: &dyn ErasedUserCache,
    fief: &Fief,
    token: &AccessTokenInfo,
) -> Result<UserInfo, AuthError> {
    let subject = token.id.to_string();
    let user = fief.userinfo_of(token.access_token.expose(), &subject).await?;
    keep(cache, token.id, &user).await;
    Ok(user)
}

async fn keep(cache: &dyn ErasedUserCache, id: Uuid, user: &UserInfo) {
    if let Err(error) = cache.set(id, user).await {
        warn!("the cache of users fails: {}", Report(&*error));
    }
}
