//! The cache of users.

use std::time::Duration;

use fief_hyper::UserInfo;
use moka::future::Cache;
use uuid::Uuid;

use crate::StoreFuture;
#[cfg(feature = "redis")]
use crate::{SetupError, redis::Redis};

/// A cache of the users of bearer tokens, so that not every request asks Fief.
///
/// An error is logged and counts as "not there": a cache that is down makes requests slower, but
/// does not fail them.
pub trait UserCache: Send + Sync + 'static {
    /// The user of this ID, if it is remembered and not too old.
    fn get(&self, id: Uuid) -> StoreFuture<'_, Option<UserInfo>>;

    /// Remembers a user.
    fn set<'a>(&'a self, id: Uuid, user: &'a UserInfo) -> StoreFuture<'a, ()>;

    /// Forgets a user.
    fn remove(&self, id: Uuid) -> StoreFuture<'_, ()>;

    /// Forgets all users.
    fn clear(&self) -> StoreFuture<'_, ()>;
}

/// A cache in memory. Cheap to clone; clones share the users.
#[derive(Clone, Debug)]
pub struct MemoryUserCache(Cache<Uuid, UserInfo>);

impl MemoryUserCache {
    /// `time_to_live` is how long a change at Fief may go unnoticed. Beyond `capacity` users, those
    /// rarely asked for are dropped.
    pub fn new(time_to_live: Duration, capacity: u64) -> Self {
        // moka panics if it is given more than a thousand years.
        let time_to_live = time_to_live.min(Duration::from_secs(365 * 24 * 60 * 60));
        Self(Cache::builder().max_capacity(capacity).time_to_live(time_to_live).build())
    }
}

impl Default for MemoryUserCache {
    /// 10000 users for 5 minutes.
    fn default() -> Self {
        Self::new(Duration::from_secs(5 * 60), 10_000)
    }
}

impl UserCache for MemoryUserCache {
    fn get(&self, id: Uuid) -> StoreFuture<'_, Option<UserInfo>> {
        Box::pin(async move { Ok(self.0.get(&id).await) })
    }

    fn set<'a>(&'a self, id: Uuid, user: &'a UserInfo) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.0.insert(id, user.clone()).await;
            Ok(())
        })
    }

    fn remove(&self, id: Uuid) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.0.invalidate(&id).await;
            Ok(())
        })
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        self.0.invalidate_all();
        Box::pin(async { Ok(()) })
    }
}

/// A cache in Redis, under `PREFIXuser:ID`, which several processes share.
///
/// While Redis is down the users come from Fief. Cheap to clone.
///
/// ```
/// use std::time::Duration;
///
/// use fief_axum::{Config, Fief, FiefAuth, RedisUserCache};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let time_to_live = Duration::from_secs(300);
/// let cache = RedisUserCache::new("redis://127.0.0.1:6379/0", "castles:", time_to_live)?;
/// let auth = FiefAuth::builder(fief).user_cache(cache).build();
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "redis")]
#[derive(Clone, Debug)]
pub struct RedisUserCache {
    redis: Redis,
    /// In seconds.
    time_to_live: u64,
}

#[cfg(feature = "redis")]
impl RedisUserCache {
    /// With a URL like `redis://127.0.0.1:6379/0`. `prefix` keeps the keys of several applications
    /// apart; `time_to_live` is how long a change at Fief may go unnoticed, a second at least.
    ///
    /// Nothing is sent yet: the server need not be running.
    ///
    /// # Errors
    ///
    /// If this is not the URL of a Redis.
    pub fn new(
        url: &str,
        prefix: impl Into<String>,
        time_to_live: Duration,
    ) -> Result<Self, SetupError> {
        let redis = Redis::new(url, prefix.into() + "user:")?;
        Ok(Self { redis, time_to_live: time_to_live.as_secs().max(1) })
    }

    /// The longest wait for a connection and for an answer; half a second by default.
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self { redis: self.redis.longest_wait(longest_wait), ..self }
    }
}

#[cfg(feature = "redis")]
impl UserCache for RedisUserCache {
    fn get(&self, id: Uuid) -> StoreFuture<'_, Option<UserInfo>> {
        Box::pin(async move {
            let key = self.redis.key(&id.to_string());
            let found: Option<String> = self.redis.ask(redis::cmd("GET").arg(key)).await?;
            Ok(found.map(|json| serde_json::from_str(&json)).transpose()?)
        })
    }

    fn set<'a>(&'a self, id: Uuid, user: &'a UserInfo) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut command = redis::cmd("SET");
            command.arg(self.redis.key(&id.to_string())).arg(serde_json::to_string(user)?);
            self.redis.ask(command.arg("EX").arg(self.time_to_live)).await
        })
    }

    fn remove(&self, id: Uuid) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let key = self.redis.key(&id.to_string());
            self.redis.ask(redis::cmd("DEL").arg(key)).await
        })
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.redis.clear())
    }
}
