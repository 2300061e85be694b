//! Users in Redis, shared by several processes.

use std::time::Duration;

use fief_hyper::UserInfo;
use uuid::Uuid;

use super::UserCache;
use crate::{BoxError, redis::Redis};

/// Remembers users in Redis, under `PREFIXuser:ID`, where every process of yours finds them.
///
/// While Redis is down the users come from Fief. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RedisUserCache {
    redis: Redis,
    /// In seconds.
    time_to_live: u64,
}

impl RedisUserCache {
    /// With a URL like `redis://127.0.0.1:6379/0`. `prefix` keeps the keys of several applications
    /// apart; `time_to_live` is how long a change at Fief may go unnoticed, a second at least.
    ///
    /// Nothing is sent yet, and a server that is not there yet is no error.
    ///
    /// # Errors
    ///
    /// If the URL is none of Redis.
    pub fn new(
        url: &str,
        prefix: impl Into<String>,
        time_to_live: Duration,
    ) -> Result<Self, BoxError> {
        let redis = Redis::new(url, prefix.into() + "user:")?;
        Ok(Self { redis, time_to_live: time_to_live.as_secs().max(1) })
    }

    /// The longest wait for a connection and for an answer; half a second by default.
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self { redis: self.redis.longest_wait(longest_wait), ..self }
    }
}

impl UserCache for RedisUserCache {
    async fn get(&self, id: Uuid) -> Result<Option<UserInfo>, BoxError> {
        let found = self.redis.get(&id.to_string()).await?;
        Ok(found.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    async fn set(&self, id: Uuid, user: &UserInfo) -> Result<(), BoxError> {
        let text = serde_json::to_string(user)?;
        self.redis.set(&id.to_string(), &text, self.time_to_live).await
    }

    async fn remove(&self, id: Uuid) -> Result<(), BoxError> {
        self.redis.remove(&id.to_string()).await
    }

    async fn clear(&self) -> Result<(), BoxError> {
        self.redis.clear().await
    }
}
