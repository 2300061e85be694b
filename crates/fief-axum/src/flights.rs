//! One piece of work for all who ask for it at the same time.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

/// How many results are kept for latecomers, at most.
const MOST_KEPT: usize = 10_000;

/// Work that is under way, and for a while what it has given, by key.
///
/// The work runs in a task of its own: whoever asked for it may leave without ending it for the
/// others. The lock is never held over an await.
pub(crate) struct Flights<K: Eq + Hash, V> {
    kept_for: Duration,
    table: Arc<Mutex<Table<K, V>>>,
}

struct Table<K, V> {
    flights: HashMap<K, Flight<V>>,
    /// Those that are over and kept, the oldest first.
    kept: VecDeque<(Instant, K)>,
}

type Flight<V> = watch::Receiver<Option<V>>;

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Results that are worth keeping are kept for so long.
    pub fn new(kept_for: Duration) -> Self {
        let table = Table { flights: HashMap::new(), kept: VecDeque::new() };
        Self { kept_for, table: Arc::new(Mutex::new(table)) }
    }

    /// Joins the work under this key, or begins it. None if it was cut short.
    ///
    /// `keep` says whether the result is handed to latecomers too.
    pub async fn join<W>(&self, key: K, work: W, keep: fn(&V) -> bool) -> Option<V>
    where
        W: Future<Output = V> + Send + 'static,
    {
        let mut flight = self.board(key, work, keep);
        let landed = flight.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }

    fn board<W>(&self, key: K, work: W, keep: fn(&V) -> bool) -> Flight<V>
    where
        W: Future<Output = V> + Send + 'static,
    {
        let (sender, flight) = watch::channel(None);
        {
            let mut table = lock(&self.table);
            table.drop_old(self.kept_for);
            if let Some(flight) = table.flights.get(&key) {
                return flight.clone();
            }
            table.flights.insert(key.clone(), flight.clone());
        }
        let landing = Landing { table: Arc::clone(&self.table), key: Some(key) };
        let kept_for = self.kept_for;
        tokio::spawn(async move {
            let result = work.await;
            landing.land(kept_for, keep(&result));
            sender.send_replace(Some(result));
        });
        flight
    }

    #[cfg(test)]
    fn len(&self) -> (usize, usize) {
        let table = lock(&self.table);
        (table.flights.len(), table.kept.len())
    }
}

impl<K: Eq + Hash, V> Table<K, V> {
    fn drop_old(&mut self, kept_for: Duration) {
        let is_old = |(ended, _): &(Instant, K)| ended.elapsed() >= kept_for;
        while self.kept.len() > MOST_KEPT || self.kept.front().is_some_and(is_old) {
            if let Some((_, key)) = self.kept.pop_front() {
                self.flights.remove(&key);
            }
        }
    }
}

/// Takes the flight out of the table, also where the work panics or its runtime shuts down.
struct Landing<K: Eq + Hash, V> {
    table: Arc<Mutex<Table<K, V>>>,
    key: Option<K>,
}

impl<K: Eq + Hash, V> Landing<K, V> {
    fn land(mut self, kept_for: Duration, keep: bool) {
        if keep && let Some(key) = self.key.take() {
            let mut table = lock(&self.table);
            table.kept.push_back((Instant::now(), key));
            table.drop_old(kept_for);
        }
    }
}

impl<K: Eq + Hash, V> Drop for Landing<K, V> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            lock(&self.table).flights.remove(&key);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn latecomers_get_the_result_for_a_while() {
        let flights = Flights::new(Duration::from_secs(60));
        let count = Arc::new(AtomicU32::new(0));
        let join = |good: bool| {
            let count = Arc::clone(&count);
            let work = async move { (good, count.fetch_add(1, Relaxed)) };
            flights.join("key", work, |(good, _)| *good)
        };
        assert_eq!(join(false).await, Some((false, 0)));
        assert_eq!(flights.len(), (0, 0));
        assert_eq!(join(true).await, Some((true, 1)));
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(join(true).await, Some((true, 1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(join(true).await, Some((true, 2)));
        assert_eq!(flights.len(), (1, 1));
    }

    #[tokio::test]
    async fn whoever_leaves_does_not_end_the_work_for_the_others() {
        let flights = Flights::new(Duration::ZERO);
        let (go, wait) = tokio::sync::oneshot::channel::<u32>();
        let first = flights.join((), async { wait.await.unwrap_or(0) }, |_| false);
        drop(tokio::time::timeout(Duration::ZERO, first).await);
        let second = flights.join((), async { 1 }, |_| false);
        go.send(2).unwrap();
        assert_eq!(second.await, Some(2));
        assert_eq!(flights.len(), (0, 0));
    }

    #[tokio::test]
    async fn a_panic_ends_the_wait_and_the_next_one_begins_anew() {
        let flights = Flights::new(Duration::ZERO);
        assert_eq!(flights.join((), async { panic!("on purpose") }, |_: &u32| false).await, None);
        assert_eq!(flights.join((), async { 1 }, |_| false).await, Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_is_bounded() {
        let flights = Flights::new(Duration::from_secs(60));
        for key in 0..MOST_KEPT + 10 {
            flights.join(key, async {}, |()| true).await;
        }
        assert_eq!(flights.len(), (MOST_KEPT, MOST_KEPT));
    }
}
