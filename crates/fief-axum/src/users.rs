//! What is known of the users, through the cache or past it.

use std::sync::Arc;

use fief_hyper::{AccessTokenInfo, Fief, Report, UserInfo};
use tracing::warn;
use uuid::Uuid;

use crate::{
    AuthError, UserCache,
    flights::{Flights, Publisher},
};

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
    cache: Arc<dyn UserCache>,
    flights: Flights<Uuid, Result<UserInfo, AuthError>>,
}

impl Users {
    pub fn new(cache: Arc<dyn UserCache>) -> Self {
        Self { cache, flights: Flights::new() }
    }

    pub fn cache(&self) -> &dyn UserCache {
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
        let (cache, client, own) = (Arc::clone(&self.cache), fief.clone(), token.clone());
        let work = |publisher: Publisher<_>| async move {
            // Another flight may have landed since the look above.
            publisher.publish(match look_up(&*cache, own.id).await {
                Some(user) => Ok(user),
                None => fetch(&*cache, &client, &own).await,
            });
        };
        match self.flights.join(token.id, work).await {
            // Another token of the same user may have been refused; ask with this one.
            Some(Err(error)) if error.is_anonymous() => self.fresh(fief, token).await,
            None => self.fresh(fief, token).await,
            Some(result) => result,
        }
    }

    /// The user of a token that was found good, from Fief.
    pub async fn fresh(&self, fief: &Fief, token: &AccessTokenInfo) -> Result<UserInfo, AuthError> {
        fetch(&*self.cache, fief, token).await
    }
}

/// The claims of an ID token that was found good, in the shape of the user API.
pub(crate) fn without_token_claims(mut user: UserInfo) -> UserInfo {
    user.rest.retain(|name, _| !ABOUT_THE_TOKEN.contains(&name.as_str()));
    user
}

/// Puts newer claims of the user in place of those of an ID token. What is about the token stays: a
/// refresh is held to it.
pub(crate) fn adopt(known: &mut UserInfo, newer: &UserInfo) {
    let mut kept = std::mem::take(&mut known.rest);
    kept.retain(|name, _| ABOUT_THE_TOKEN.contains(&name.as_str()));
    *known = without_token_claims(newer.clone());
    known.rest.extend(kept);
}

/// A cache that fails is a cache that does not know.
async fn look_up(cache: &dyn UserCache, id: Uuid) -> Option<UserInfo> {
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
    cache: &dyn UserCache,
    fief: &Fief,
    token: &AccessTokenInfo,
) -> Result<UserInfo, AuthError> {
    let user = fief.userinfo_of(&token.access_token, token.id).await?;
    keep(cache, token.id, &user).await;
    Ok(user)
}

async fn keep(cache: &dyn UserCache, id: Uuid, user: &UserInfo) {
    if let Err(error) = cache.set(id, user).await {
        warn!("the cache of users fails: {}", Report(&*error));
    }
}
