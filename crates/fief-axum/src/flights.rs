//! One piece of work for all who ask for it at the same time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// Work that is under way, by key.
///
/// The work runs in a task of its own: a caller who leaves does not end it for the others. It may
/// publish its result before it ends: until it does end, all that ask get that result. The lock is
/// never held over an await.
pub(crate) struct Flights<K: Eq + Hash, V>(Table<K, V>);

type Table<K, V> = Arc<Mutex<HashMap<K, watch::Receiver<Option<V>>>>>;

/// Tells those who wait what has come out.
pub(crate) struct Publisher<V>(watch::Sender<Option<V>>);

impl<V> Publisher<V> {
    pub fn publish(&self, value: V) {
        self.0.send_replace(Some(value));
    }
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Joins the work under this key, or begins it. None if it ended without a result.
    pub async fn join<W>(&self, key: K, work: impl FnOnce(Publisher<V>) -> W) -> Option<V>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let mut flight = self.board(key, work);
        let landed = flight.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }

    fn board<W>(&self, key: K, work: impl FnOnce(Publisher<V>) -> W) -> watch::Receiver<Option<V>>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let mut table = lock(&self.0);
        if let Some(flight) = table.get(&key) {
            return flight.clone();
        }
        let (sender, flight) = watch::channel(None);
        table.insert(key.clone(), flight.clone());
        drop(table);
        let landing = Landing { table: Arc::clone(&self.0), key };
        let work = work(Publisher(sender));
        tokio::spawn(async move {
            let _landing = landing;
            work.await;
        });
        flight
    }
}

/// Takes the flight out of the table, also where the work panics or its runtime shuts down.
struct Landing<K: Eq + Hash, V> {
    table: Table<K, V>,
    key: K,
}

impl<K: Eq + Hash, V> Drop for Landing<K, V> {
    fn drop(&mut self) {
        lock(&self.table).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_caller_who_leaves_does_not_end_the_work_for_the_others() {
        let flights = Flights::new();
        let (go, wait) = tokio::sync::oneshot::channel::<u32>();
        let first = flights.join((), |publisher| async move {
            publisher.publish(wait.await.unwrap_or(0));
        });
        drop(tokio::time::timeout(Duration::ZERO, first).await);
        let second = flights.join((), async |publisher| publisher.publish(1));
        go.send(2).unwrap();
        assert_eq!(second.await, Some(2));
    }

    #[tokio::test]
    async fn a_panic_ends_the_wait_and_the_next_one_begins_anew() {
        let flights = Flights::<(), u32>::new();
        assert_eq!(flights.join((), async |_| panic!("on purpose")).await, None);
        assert_eq!(flights.join((), async |publisher| publisher.publish(1)).await, Some(1));
        assert!(lock(&flights.0).is_empty());
    }

    #[tokio::test]
    async fn what_was_published_is_given_until_the_work_ends() {
        let flights = Flights::new();
        let (end, wait) = tokio::sync::oneshot::channel::<()>();
        let first = flights.join((), |publisher| async move {
            publisher.publish(1);
            let _ = wait.await;
        });
        assert_eq!(first.await, Some(1));
        assert_eq!(flights.join((), async |publisher| publisher.publish(2)).await, Some(1));
        end.send(()).unwrap();
        while !lock(&flights.0).is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(flights.join((), async |publisher| publisher.publish(2)).await, Some(2));
    }
}
