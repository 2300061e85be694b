//! Sessions in the memory of this process.

use std::time::{Duration, Instant};

use moka::{Expiry, future::Cache, notification::RemovalCause, policy::EvictionPolicy};
use tracing::warn;

use super::SessionStore;
use crate::BoxError;

/// Keeps sessions in memory: they end with the process, and with them those users' being signed in.
///
/// Cheap to clone; clones share what they keep. Where there is no room left, the session that was
/// not used for the longest time is dropped, and a warning says so.
#[derive(Clone, Debug)]
pub struct MemorySessionStore(Cache<String, Entry>);

#[derive(Clone, Debug)]
struct Entry {
    session: String,
    time_to_live: Duration,
}

impl MemorySessionStore {
    /// With room for so many bytes of sessions; one takes some 6 KiB and more.
    pub fn new(capacity: u64) -> Self {
        let weight = |name: &String, entry: &Entry| {
            u32::try_from(name.len() + entry.session.len()).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .max_capacity(capacity)
            .weigher(weight)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Ends)
            .eviction_listener(|_, _, cause| {
                if cause == RemovalCause::Size {
                    warn!("the store of sessions is full: a user is signed out; give it more room");
                }
            });
        Self(cache.build())
    }
}

impl Default for MemorySessionStore {
    /// 64 MiB.
    fn default() -> Self {
        Self::new(64 * 1024 * 1024)
    }
}

impl SessionStore for MemorySessionStore {
    async fn load(&self, name: &str) -> Result<Option<String>, BoxError> {
        Ok(self.0.get(name).await.map(|entry| entry.session))
    }

    async fn save(
        &self,
        name: &str,
        session: &str,
        time_to_live: Duration,
    ) -> Result<(), BoxError> {
        let entry = Entry { session: session.to_owned(), time_to_live };
        self.0.insert(name.to_owned(), entry).await;
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), BoxError> {
        self.0.invalidate(name).await;
        Ok(())
    }
}

/// Each entry ends in its own time.
struct Ends;

impl Expiry<String, Entry> for Ends {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.time_to_live)
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.time_to_live)
    }
}
