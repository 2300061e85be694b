//! The cache of users.

mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::pin::Pin;

use fief_hyper::UserInfo;
use uuid::Uuid;

pub use self::memory::MemoryUserCache;
#[cfg(feature = "redis")]
pub use self::redis::RedisUserCache;
use crate::BoxError;

/// Where the users are remembered, so that not every request asks Fief.
///
/// Written with `async fn`. An error is logged and counts as "not there": a cache that is down
/// makes requests slower, never wrong.
pub trait UserCache: Send + Sync + 'static {
    /// The user of this ID, if it is remembered and not too old.
    fn get(&self, id: Uuid) -> impl Future<Output = Result<Option<UserInfo>, BoxError>> + Send;

    /// Remembers a user.
    fn set(&self, id: Uuid, user: &UserInfo) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Forgets a user.
    fn remove(&self, id: Uuid) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Forgets all users.
    fn clear(&self) -> impl Future<Output = Result<(), BoxError>> + Send;
}

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

/// The same without its type, so that [`FiefAuth`](crate::FiefAuth) has no type parameter.
pub(crate) trait ErasedUserCache: Send + Sync {
    fn get(&self, id: Uuid) -> BoxFuture<'_, Option<UserInfo>>;
    fn set<'a>(&'a self, id: Uuid, user: &'a UserInfo) -> BoxFuture<'a, ()>;
    fn remove(&self, id: Uuid) -> BoxFuture<'_, ()>;
    fn clear(&self) -> BoxFuture<'_, ()>;
}

impl<C: UserCache> ErasedUserCache for C {
    fn get(&self, id: Uuid) -> BoxFuture<'_, Option<UserInfo>> {
        Box::pin(UserCache::get(self, id))
    }

    fn set<'a>(&'a self, id: Uuid, user: &'a UserInfo) -> BoxFuture<'a, ()> {
        Box::pin(UserCache::set(self, id, user))
    }

    fn remove(&self, id: Uuid) -> BoxFuture<'_, ()> {
        Box::pin(UserCache::remove(self, id))
    }

    fn clear(&self) -> BoxFuture<'_, ()> {
        Box::pin(UserCache::clear(self))
    }
}
