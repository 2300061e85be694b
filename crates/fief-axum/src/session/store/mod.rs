//! Where the sessions stay that are too large for a cookie.

mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::time::Duration;

pub use self::memory::MemorySessionStore;
#[cfg(feature = "redis")]
pub use self::redis::RedisSessionStore;
use crate::{BoxError, cache::BoxFuture};

/// Keeps the sessions that are too large for a cookie, under names that nobody guesses.
///
/// What it is given is sealed with the key of the cookies: who reads the store learns nothing.
/// Written with `async fn`.
pub trait SessionStore: Send + Sync + 'static {
    /// The session under this name, if it is there and its time is not over.
    fn load(&self, name: &str) -> impl Future<Output = Result<Option<String>, BoxError>> + Send;

    /// Keeps a session under this name for so long, in place of one that is there.
    fn save(
        &self,
        name: &str,
        session: &str,
        time_to_live: Duration,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Ends the session under this name.
    fn remove(&self, name: &str) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// The same without its type.
pub(crate) trait ErasedSessionStore: Send + Sync {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Option<String>>;
    fn save<'a>(&'a self, name: &'a str, session: &'a str, ttl: Duration) -> BoxFuture<'a, ()>;
    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, ()>;
}

impl<S: SessionStore> ErasedSessionStore for S {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(SessionStore::load(self, name))
    }

    fn save<'a>(&'a self, name: &'a str, session: &'a str, ttl: Duration) -> BoxFuture<'a, ()> {
        Box::pin(SessionStore::save(self, name, session, ttl))
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(SessionStore::remove(self, name))
    }
}
