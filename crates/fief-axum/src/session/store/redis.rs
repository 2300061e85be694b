//! Sessions in Redis, shared by several processes.

use std::time::Duration;

use super::SessionStore;
use crate::{BoxError, redis::Redis};

/// Keeps sessions in Redis, under `PREFIXsession:NAME`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RedisSessionStore(Redis);

impl RedisSessionStore {
    /// With a URL like `redis://127.0.0.1:6379/0`. `prefix` keeps the keys of several applications
    /// apart. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the URL is none of Redis.
    pub fn new(url: &str, prefix: impl Into<String>) -> Result<Self, BoxError> {
        Ok(Self(Redis::new(url, prefix.into() + "session:")?))
    }

    /// The longest wait for a connection and for an answer; half a second by default.
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self(self.0.longest_wait(longest_wait))
    }
}

impl SessionStore for RedisSessionStore {
    async fn load(&self, name: &str) -> Result<Option<String>, BoxError> {
        self.0.get(name).await
    }

    async fn save(
        &self,
        name: &str,
        session: &str,
        time_to_live: Duration,
    ) -> Result<(), BoxError> {
        self.0.set(name, session, time_to_live.as_secs().max(1)).await
    }

    async fn remove(&self, name: &str) -> Result<(), BoxError> {
        self.0.remove(name).await
    }
}
