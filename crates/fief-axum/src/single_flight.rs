//! Single flight: callers that need the same work at the same time share one run of it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// Work that is under way, by key.
///
/// The work runs in a task of its own, so that a caller that is dropped does not end it for the
/// others. It may publish its result before it ends: callers that come until then get that result.
/// The lock is never held over an await.
pub(crate) struct SingleFlight<K: Eq + Hash, V>(Table<K, V>);

type Table<K, V> = Arc<Mutex<HashMap<K, watch::Receiver<Option<V>>>>>;

/// Sends the result to the waiting callers.
pub(crate) struct Publisher<V>(watch::Sender<Option<V>>);

impl<V> Publisher<V> {
    pub fn publish(&self, value: V) {
        self.0.send_replace(Some(value));
    }
}

impl<K, V> SingleFlight<K, V>
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
        let mut result = self.subscribe(key, work);
        let found = result.wait_for(Option::is_some).await.ok()?;
        found.clone()
    }

    fn subscribe<W>(
        &self,
        key: K,
        work: impl FnOnce(Publisher<V>) -> W,
    ) -> watch::Receiver<Option<V>>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let mut table = lock(&self.0);
        if let Some(result) = table.get(&key) {
            return result.clone();
        }
        let (sender, result) = watch::channel(None);
        table.insert(key.clone(), result.clone());
        drop(table);
        let on_end = OnEnd { table: Arc::clone(&self.0), key };
        let work = work(Publisher(sender));
        tokio::spawn(async move {
            let _on_end = on_end;
            work.await;
        });
        result
    }
}

/// Removes the work from the table when it ends, also if it panics or its runtime shuts down.
struct OnEnd<K: Eq + Hash, V> {
    table: Table<K, V>,
    key: K,
}

impl<K: Eq + Hash, V> Drop for OnEnd<K, V> {
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
    async fn a_caller_that_is_dropped_does_not_end_the_work_for_the_others() {
        let work = SingleFlight::new();
        let (go, wait) = tokio::sync::oneshot::channel::<u32>();
        let first = work.join((), |publisher| async move {
            publisher.publish(wait.await.unwrap_or(0));
        });
        drop(tokio::time::timeout(Duration::ZERO, first).await);
        let second = work.join((), async |publisher| publisher.publish(1));
        go.send(2).unwrap();
        assert_eq!(second.await, Some(2));
    }

    #[tokio::test]
    async fn a_panic_ends_the_wait_and_the_next_one_begins_anew() {
        let work = SingleFlight::<(), u32>::new();
        assert_eq!(work.join((), async |_| panic!("on purpose")).await, None);
        assert_eq!(work.join((), async |publisher| publisher.publish(1)).await, Some(1));
        assert!(lock(&work.0).is_empty());
    }

    #[tokio::test]
    async fn what_was_published_is_returned_until_the_work_ends() {
        let work = SingleFlight::new();
        let (end, wait) = tokio::sync::oneshot::channel::<()>();
        let first = work.join((), |publisher| async move {
            publisher.publish(1);
            let _ = wait.await;
        });
        assert_eq!(first.await, Some(1));
        assert_eq!(work.join((), async |publisher| publisher.publish(2)).await, Some(1));
        end.send(()).unwrap();
        while !lock(&work.0).is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(work.join((), async |publisher| publisher.publish(2)).await, Some(2));
    }
}
