//! The users, from the cache or from Fief.

use std::sync::Arc;

use fief_hyper::{AccessTokenInfo, Fief, Report, UserInfo};
use tracing::warn;
use uuid::Uuid;

use crate::{
    AuthError, UserCache,
    single_flight::{Publisher, SingleFlight},
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
    shared: SingleFlight<Uuid, Result<UserInfo, AuthError>>,
}

impl Users {
    pub fn new(cache: Arc<dyn UserCache>) -> Self {
        Self { cache, shared: SingleFlight::new() }
    }

    pub fn cache(&self) -> &dyn UserCache {
        self.cache.as_ref()
    }

    /// The user of a valid token, from the cache if they are there.
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
            // Another caller may have filled the cache since the look above.
            publisher.publish(match look_up(&*cache, own.id).await {
                Some(user) => Ok(user),
                None => fetch(&*cache, &client, &own).await,
            });
        };
        match self.shared.join(token.id, work).await {
            // Another token of the same user may have been refused; ask with this one.
            Some(Err(error)) if error.is_anonymous() => self.fresh(fief, token).await,
            None => self.fresh(fief, token).await,
            Some(result) => result,
        }
    }

    /// The user of a valid token, from Fief.
    pub async fn fresh(&self, fief: &Fief, token: &AccessTokenInfo) -> Result<UserInfo, AuthError> {
        fetch(&*self.cache, fief, token).await
    }
}

/// The claims of a valid ID token, in the form of the user API.
pub(crate) fn without_token_claims(mut user: UserInfo) -> UserInfo {
    user.rest.retain(|name, _| !ABOUT_THE_TOKEN.contains(&name.as_str()));
    user
}

/// Replaces the user's claims of an ID token with newer ones. Those about the token are kept: a
/// refresh compares them.
pub(crate) fn adopt(known: &mut UserInfo, newer: &UserInfo) {
    let mut kept = std::mem::take(&mut known.rest);
    kept.retain(|name, _| ABOUT_THE_TOKEN.contains(&name.as_str()));
    *known = without_token_claims(newer.clone());
    known.rest.extend(kept);
}

/// A cache that fails counts as one that does not know the user.
async fn look_up(cache: &dyn UserCache, id: Uuid) -> Option<UserInfo> {
    match cache.get(id).await {
        // The cache may be shared with other programs, which may write anything.
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
