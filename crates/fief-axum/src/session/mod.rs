//! Sessions: the cookie names one, the store keeps it.

mod memory;
#[cfg(feature = "redis")]
mod redis;
mod refresh;
mod request;
mod store;
mod suite;

use std::{sync::Arc, time::Duration};

use fief_hyper::{AccessTokenInfo, Acr, Fief, Requirements, Secret, Tokens, UnixTime, UserInfo};
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::warn;
use zeroize::Zeroizing;

#[cfg(feature = "redis")]
pub use self::redis::RedisSessionStore;
pub use self::{
    memory::MemorySessionStore,
    request::Session,
    store::{Replaced, SessionEntry, SessionStore, StoreFuture},
    suite::check_session_store,
};
pub(crate) use self::{refresh::Refreshed, request::RequestSession, store::Store};
use crate::{
    AuthError, cookies, same_site::Origins, seal::CookieSecret, single_flight::SingleFlight,
};

/// Everything that the sessions of a site need.
pub(crate) struct Sessions {
    pub fief: Fief,
    pub store: Arc<Store>,
    pub cookie_name: String,
    /// How long an unused session lives.
    pub idle: Duration,
    /// How long a session lives.
    pub lifetime: Duration,
    /// The origins whose requests may use a session.
    pub origins: Origins,
    pub refreshes: SingleFlight<String, Refreshed>,
}

/// What is sealed: the tokens of a user who has signed in, and who that is.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Content {
    pub access_token: Secret,
    pub refresh_token: Option<Secret>,
    pub user: UserInfo,
    /// The level that the login had requested, until the first refresh: a second login would not
    /// reach a higher one.
    pub asked: Option<Acr>,
}

/// A session as it was found in the store.
#[derive(Clone)]
pub(crate) struct Found {
    pub generation: u64,
    pub idle_end: UnixTime,
    pub absolute_end: UnixTime,
    pub content: Content,
}

impl Sessions {
    /// The value in the cookie of a request.
    pub fn secret(&self, headers: &HeaderMap) -> Option<CookieSecret> {
        CookieSecret::parse(cookies::find(headers, &self.cookie_name)?)
    }

    /// Creates a session, and returns its cookie.
    pub async fn create(
        &self,
        tokens: &Tokens,
        user: UserInfo,
        asked: Option<Acr>,
    ) -> Result<HeaderValue, AuthError> {
        let now = self.fief.now();
        let absolute_end = match (&tokens.refresh_token, tokens.expires_at) {
            (None, Some(end)) => end,
            _ => now.plus(self.lifetime.as_secs()),
        };
        let content = Content {
            access_token: tokens.access_token.clone(),
            refresh_token: tokens.refresh_token.clone(),
            user,
            asked,
        };
        let idle_end = self.next_idle_end(absolute_end);
        let found = Found { generation: 0, idle_end, absolute_end, content };
        let secret = CookieSecret::random()?;
        let entry = self.seal(&secret, &found)?;
        let (name, keep) = (name(&secret), self.time_left(entry.idle_end));
        self.store.ask(|store| store.insert(&name, &entry, keep)).await?;
        let seconds = self.time_left(absolute_end).as_secs().min(LONGEST_MAX_AGE);
        Ok(cookies::set(&self.cookie_name, &secret.encode(), seconds))
    }

    /// The session of a cookie, if it has not ended.
    pub async fn find(&self, secret: &CookieSecret) -> Result<Option<Found>, AuthError> {
        let name = name(secret);
        let Some(entry) = self.store.load(&name).await? else {
            return Ok(None);
        };
        let now = self.fief.now();
        if entry.idle_end <= now || entry.absolute_end <= now {
            return Ok(None);
        }
        let Some(content) = open(secret, &name, &entry) else {
            // It is kept: a later version of this program may have written it.
            warn!("a session in the store does not have the form that this program writes");
            return Ok(None);
        };
        let SessionEntry { generation, idle_end, absolute_end, .. } = entry;
        Ok(Some(Found { generation, idle_end, absolute_end, content }))
    }

    /// Moves the idle end of a session in use, from time to time.
    pub async fn touch(&self, secret: &CookieSecret, found: &Found) {
        let idle_end = self.next_idle_end(found.absolute_end);
        let moved = idle_end.as_secs().saturating_sub(found.idle_end.as_secs());
        let is_last = moved > 0 && idle_end == found.absolute_end;
        if u64::try_from(moved).unwrap_or(0) <= self.idle.as_secs() / 10 && !is_last {
            return;
        }
        let (name, keep) = (name(secret), self.time_left(idle_end));
        // The store has logged the error; a later request tries again.
        let _ = self.store.ask(|store| store.touch(&name, idle_end, keep)).await;
    }

    /// Ends the session of a cookie, everywhere.
    pub async fn end(&self, secret: &CookieSecret) -> Result<(), AuthError> {
        let name = name(secret);
        self.store.ask(|store| store.remove(&name)).await
    }

    /// Ends all sessions of a user.
    pub async fn end_all(&self, user: impl ToString) -> Result<(), AuthError> {
        let user = self.user_digest(&user.to_string());
        self.store.ask(|store| store.remove_user(&user)).await
    }

    /// What the access token of a session says, refreshed if it is due.
    pub async fn access(
        &self,
        content: &Content,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, AuthError> {
        Ok(self.fief.validate_access_token(&content.access_token, requirements).await?)
    }

    fn seal(&self, secret: &CookieSecret, found: &Found) -> Result<SessionEntry, AuthError> {
        let plaintext = serde_json::to_vec(&found.content).map(Zeroizing::new);
        let plaintext = plaintext
            .map_err(|_| AuthError::Setup("the claims of a user can't be written as JSON"))?;
        let mut entry = SessionEntry {
            generation: found.generation,
            idle_end: found.idle_end,
            absolute_end: found.absolute_end,
            user: self.user_digest(&found.content.user.sub),
            sealed: Vec::new(),
        };
        entry.sealed = secret.seal(SESSION, &bound(&name(secret), &entry), &plaintext)?;
        Ok(entry)
    }

    /// The digest of a user in the store. It depends on the client, and so on the tenant.
    fn user_digest(&self, subject: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.fief.client().client_id())
            .chain_update([0])
            .chain_update(subject)
            .finalize();
        hex(&digest)
    }

    fn next_idle_end(&self, absolute_end: UnixTime) -> UnixTime {
        self.fief.now().plus(self.idle.as_secs()).min(absolute_end)
    }

    fn time_left(&self, end: UnixTime) -> Duration {
        let left = end.as_secs().saturating_sub(self.fief.now().as_secs());
        Duration::from_secs(u64::try_from(left).unwrap_or(0).max(1))
    }
}

const SESSION: &str = "session";

/// 400 days, in seconds: browsers keep no cookie longer.
const LONGEST_MAX_AGE: u64 = 400 * 24 * 60 * 60;

/// The name of a cookie's session in the store.
fn name(secret: &CookieSecret) -> String {
    secret.name(SESSION, b"name")
}

/// What the sealed part of an entry is bound to: its clear part without the idle end, which is
/// moved without the cookie's key.
fn bound(name: &str, entry: &SessionEntry) -> Vec<u8> {
    format!("1 {name} {} {} {}", entry.generation, entry.absolute_end, entry.user).into_bytes()
}

fn open(secret: &CookieSecret, name: &str, entry: &SessionEntry) -> Option<Content> {
    let plaintext = secret.open(SESSION, &bound(name, entry), &entry.sealed)?;
    serde_json::from_slice(&plaintext).ok()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
