//! Sessions in the memory of this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fief_hyper::UnixTime;
use tokio::time::Instant;

use super::store::{Replaced, SessionEntry, SessionStore, StoreFuture};
use crate::BoxError;

/// Keeps sessions in memory: they end with the process. It is for one process; several processes
/// need a store that they share.
///
/// Cheap to clone; clones share what they keep. A full one lets no user sign in until sessions have
/// ended, and ends none itself.
///
/// ```
/// use fief_axum::{Config, Fief, MemorySessionStore, WebLogin};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let login = WebLogin::builder(fief, "https://www.example.com/callback")
///     .session_store(MemorySessionStore::new(10_000))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct MemorySessionStore {
    capacity: usize,
    table: Arc<Mutex<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    sessions: HashMap<String, (SessionEntry, Instant)>,
    leases: HashMap<String, (String, Instant)>,
    /// How many may be added before the ended ones are removed.
    until_sweep: usize,
}

impl MemorySessionStore {
    /// With room for so many sessions and sign-ins of the last hour; each uses some 4 to 8 KiB.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, table: Arc::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Table) -> T) -> StoreFuture<'static, T>
    where
        T: Send + 'static,
    {
        let value = work(&mut self.lock());
        Box::pin(async { Ok(value) })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemorySessionStore {
    /// With room for 50000.
    fn default() -> Self {
        Self::new(50_000)
    }
}

impl Table {
    fn live(&mut self, name: &str) -> Option<&mut SessionEntry> {
        let (entry, end) = self.sessions.get_mut(name)?;
        (*end > Instant::now()).then_some(entry)
    }

    fn holds(&self, lease: &str, holder: &str) -> bool {
        let found = self.leases.get(lease);
        found.is_some_and(|(found, end)| found == holder && *end > Instant::now())
    }

    /// Makes room for one more by removing what has ended. It scans only after a part of all
    /// entries was added, because a scan takes time.
    fn make_room(&mut self, capacity: usize) -> Result<(), BoxError> {
        let count = |table: &Self| table.sessions.len() + table.leases.len();
        if self.until_sweep == 0 || count(self) >= capacity {
            let now = Instant::now();
            self.sessions.retain(|_, (_, end)| *end > now);
            self.leases.retain(|_, (_, end)| *end > now);
            self.until_sweep = 1000 + count(self) / 4;
        }
        self.until_sweep -= 1;
        if count(self) >= capacity {
            return Err("there is no room for another session in memory".into());
        }
        Ok(())
    }
}

/// The end of a time from now; far in the future if it can't be represented.
fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or_else(|| now + Duration::from_secs(100 * 365 * 24 * 60 * 60))
}

impl SessionStore for MemorySessionStore {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<SessionEntry>> {
        self.with(|table| table.live(name).cloned())
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        entry: &'a SessionEntry,
        keep: Duration,
    ) -> StoreFuture<'a, ()> {
        let mut table = self.lock();
        let made = table.make_room(self.capacity);
        if made.is_ok() {
            table.sessions.insert(name.to_owned(), (entry.clone(), after(keep)));
        }
        Box::pin(async { made })
    }

    fn replace<'a>(
        &'a self,
        name: &'a str,
        generation: u64,
        entry: &'a SessionEntry,
        keep: Duration,
    ) -> StoreFuture<'a, Replaced> {
        self.with(|table| match table.live(name) {
            None => Replaced::Absent,
            Some(found) if found.generation != generation => Replaced::Changed,
            Some(_) => {
                table.sessions.insert(name.to_owned(), (entry.clone(), after(keep)));
                Replaced::Done
            }
        })
    }

    fn touch<'a>(
        &'a self,
        name: &'a str,
        idle_end: UnixTime,
        keep: Duration,
    ) -> StoreFuture<'a, ()> {
        self.with(|table| {
            if let Some((entry, end)) = table.sessions.get_mut(name)
                && *end > Instant::now()
            {
                entry.idle_end = idle_end;
                *end = after(keep);
            }
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.with(|table| {
            table.sessions.remove(name);
        })
    }

    fn remove_generation<'a>(&'a self, name: &'a str, generation: u64) -> StoreFuture<'a, bool> {
        self.with(|table| {
            let is_it = table.live(name).is_some_and(|entry| entry.generation == generation);
            is_it && table.sessions.remove(name).is_some()
        })
    }

    fn remove_user<'a>(&'a self, user: &'a str) -> StoreFuture<'a, ()> {
        self.with(|table| table.sessions.retain(|_, (entry, _)| entry.user != user))
    }

    fn claim<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool> {
        let mut table = self.lock();
        let is_free = table.leases.get(lease).is_none_or(|(_, end)| *end <= Instant::now());
        let claimed =
            if is_free { table.make_room(self.capacity).map(|()| true) } else { Ok(false) };
        if let Ok(true) = claimed {
            table.leases.insert(lease.to_owned(), (holder.to_owned(), after(time)));
        }
        Box::pin(async { claimed })
    }

    fn renew<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool> {
        self.with(|table| {
            let holds = table.holds(lease, holder);
            if holds {
                table.leases.insert(lease.to_owned(), (holder.to_owned(), after(time)));
            }
            holds
        })
    }

    fn release<'a>(&'a self, lease: &'a str, holder: &'a str) -> StoreFuture<'a, ()> {
        self.with(|table| {
            if table.holds(lease, holder) {
                table.leases.remove(lease);
            }
        })
    }
}
