//! Where sessions are kept.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fief_hyper::{Report, UnixTime};
use tracing::{info, warn};

use crate::{AuthError, BoxError};

/// The future of an operation of a store.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

/// A session as a store keeps it. An attacker who reads the store can't sign in with it, nor read a
/// token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionEntry {
    /// Counts the writes: [`SessionStore::replace`] compares it.
    pub generation: u64,
    /// When it ends if it is not used before.
    pub idle_end: UnixTime,
    /// When it ends in any case.
    pub absolute_end: UnixTime,
    /// The digest of its user: [`SessionStore::remove_user`] looks for it.
    pub user: String,
    /// Tokens and claims, encrypted with a key from the browser's cookie.
    pub sealed: Vec<u8>,
}

/// How a [`SessionStore::replace`] ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Replaced {
    /// It is written.
    Done,
    /// The entry is of another generation, and is left as it is.
    Changed,
    /// There is no such entry, and none is created.
    Absent,
}

/// Keeps sessions, under names that can be derived from the browser's cookie alone, and leases,
/// whose names are separate.
///
/// [`MemorySessionStore`](crate::MemorySessionStore) and `RedisSessionStore` implement it;
/// [`check_session_store`](crate::check_session_store) tests a store of your own. Each operation is
/// atomic: of two that compare and write at the same time, one sees what the other has written.
///
/// An entry is gone after its `keep`, and a lease after its `time`, by the store's own clock. A
/// store that is full refuses to [`insert`](Self::insert) and to [`claim`](Self::claim), and drops
/// nothing.
pub trait SessionStore: Send + Sync + 'static {
    /// The entry of this name.
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<SessionEntry>>;

    /// Keeps a new entry for so long.
    fn insert<'a>(
        &'a self,
        name: &'a str,
        entry: &'a SessionEntry,
        keep: Duration,
    ) -> StoreFuture<'a, ()>;

    /// Replaces the entry if it is of this generation, and keeps the new one for so long. It never
    /// creates one.
    fn replace<'a>(
        &'a self,
        name: &'a str,
        generation: u64,
        entry: &'a SessionEntry,
        keep: Duration,
    ) -> StoreFuture<'a, Replaced>;

    /// Moves the idle end, whatever the generation, and keeps the entry for so long. It never
    /// creates one.
    fn touch<'a>(
        &'a self,
        name: &'a str,
        idle_end: UnixTime,
        keep: Duration,
    ) -> StoreFuture<'a, ()>;

    /// Removes the entry of this name.
    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()>;

    /// Removes the entry of this name if it is of this generation, and says whether it was.
    fn remove_generation<'a>(&'a self, name: &'a str, generation: u64) -> StoreFuture<'a, bool>;

    /// Removes all entries of a user.
    fn remove_user<'a>(&'a self, user: &'a str) -> StoreFuture<'a, ()>;

    /// Gives the lease of this name to this holder for so long, unless another has it. Returns
    /// whether it did.
    fn claim<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool>;

    /// Extends the holder's lease to so long from now. Returns whether it still had it.
    fn renew<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool>;

    /// Ends the lease, if this holder has it.
    fn release<'a>(&'a self, lease: &'a str, holder: &'a str) -> StoreFuture<'a, ()>;
}

/// A store whose operations have a deadline, and whose outages are logged once each.
pub(crate) struct Store {
    inner: Box<dyn SessionStore>,
    deadline: Duration,
    /// What fails since the outage at hand, if there is one.
    outage: Mutex<Option<Access>>,
}

/// Reading and writing fail apart: a Redis may be readable and full.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Access {
    Read,
    Write,
}

impl Store {
    pub fn new(inner: impl SessionStore, deadline: Duration) -> Arc<Self> {
        Arc::new(Self { inner: Box::new(inner), deadline, outage: Mutex::default() })
    }

    pub async fn load(&self, name: &str) -> Result<Option<SessionEntry>, AuthError> {
        self.in_time(self.inner.load(name), Access::Read).await
    }

    /// One operation that writes.
    pub async fn ask<'a, T>(
        &'a self,
        operation: impl FnOnce(&'a dyn SessionStore) -> StoreFuture<'a, T>,
    ) -> Result<T, AuthError> {
        self.in_time(operation(&*self.inner), Access::Write).await
    }

    async fn in_time<T>(
        &self,
        operation: StoreFuture<'_, T>,
        access: Access,
    ) -> Result<T, AuthError> {
        let outcome = match tokio::time::timeout(self.deadline, operation).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("no answer within {:?}", self.deadline).into()),
        };
        self.tell(access, outcome.as_ref().err());
        outcome.map_err(|error| AuthError::Store(error.into()))
    }

    fn tell(&self, access: Access, error: Option<&BoxError>) {
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        match (error, *outage) {
            (None, Some(failing)) if failing == access => {
                *outage = None;
                info!("the store of the sessions is back");
            }
            (Some(error), None) => {
                *outage = Some(access);
                let what = match access {
                    Access::Read => "can't be read, and requests with a session",
                    Access::Write => "can't be written, and sign-ins, sign-outs and refreshes",
                };
                let why = Report(&**error);
                warn!(
                    "the store of the sessions {what} are answered with 503 until it is back: {why}"
                );
            }
            // The same outage: it is over when the store can be read again.
            (Some(_), Some(_)) if access == Access::Read => *outage = Some(Access::Read),
            _ => {}
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
