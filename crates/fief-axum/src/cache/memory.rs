//! Users in the memory of this process.

use std::time::Duration;

use fief_hyper::UserInfo;
use moka::future::Cache;
use uuid::Uuid;

use super::UserCache;
use crate::BoxError;

/// Remembers so many users for so long. Cheap to clone; clones share what they remember.
#[derive(Clone, Debug)]
pub struct MemoryUserCache(Cache<Uuid, UserInfo>);

impl MemoryUserCache {
    /// `time_to_live` is how long a change at Fief may go unnoticed; of more than `capacity` users
    /// those seldom asked for are forgotten.
    pub fn new(time_to_live: Duration, capacity: u64) -> Self {
        // moka refuses to be built with more than a thousand years.
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
    async fn get(&self, id: Uuid) -> Result<Option<UserInfo>, BoxError> {
        Ok(self.0.get(&id).await)
    }

    async fn set(&self, id: Uuid, user: &UserInfo) -> Result<(), BoxError> {
        self.0.insert(id, user.clone()).await;
        Ok(())
    }

    async fn remove(&self, id: Uuid) -> Result<(), BoxError> {
        self.0.invalidate(&id).await;
        Ok(())
    }

    async fn clear(&self) -> Result<(), BoxError> {
        self.0.invalidate_all();
        Ok(())
    }
}
