//! The tests that every store must pass.

use std::time::Duration;

use fief_hyper::UnixTime;

use super::store::{Replaced, SessionEntry, SessionStore};

/// Checks that a store keeps the promises of [`SessionStore`], in a test of yours. It takes some
/// seconds, because it waits for entries to end, and does not remove what it has written, which
/// ends by itself.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// fief_axum::check_session_store(&fief_axum::MemorySessionStore::default()).await;
/// # }
/// ```
///
/// # Panics
///
/// With what the store does wrong.
#[expect(clippy::panic, reason = "it is a test")]
pub async fn check_session_store(store: &dyn SessionStore) {
    let run = crate::seal::random_name().unwrap_or_else(|error| panic!("{error}"));
    let check = Check { store, run };
    check.entries_are_kept_as_they_are().await;
    check.only_the_expected_generation_is_replaced().await;
    check.what_is_absent_stays_absent().await;
    check.all_of_a_user_end_and_nothing_else().await;
    check.a_lease_has_one_holder().await;
    check.of_many_at_once_one_wins().await;
    check.what_has_had_its_time_is_gone().await;
}

struct Check<'a> {
    store: &'a dyn SessionStore,
    /// Keeps the names of two runs on one store apart.
    run: String,
}

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_secs(1);
/// How often a check is repeated: for a slow store or a busy machine.
const PATIENCE: u32 = 600;

impl Check<'_> {
    fn name(&self, name: &str) -> String {
        format!("{name}-{}", self.run)
    }

    fn entry(&self, generation: u64) -> SessionEntry {
        SessionEntry {
            generation,
            idle_end: UnixTime::from_secs(1_790_000_000),
            absolute_end: UnixTime::from_secs(1_800_000_000),
            user: self.name("anne"),
            // Every byte, and more than a cookie could hold.
            sealed: (0..=255).cycle().take(20_000).collect(),
        }
    }

    async fn load(&self, name: &str) -> Option<SessionEntry> {
        ok(self.store.load(name).await)
    }

    async fn entries_are_kept_as_they_are(&self) {
        let name = self.name("kept");
        assert_eq!(self.load(&name).await, None, "a name that was never written has no entry");
        for generation in [0, u64::MAX] {
            let name = format!("{name}-{generation}");
            let entry = self.entry(generation);
            ok(self.store.insert(&name, &entry, LONG).await);
            assert_eq!(self.load(&name).await.as_ref(), Some(&entry), "it is as it was written");
            let later = UnixTime::from_secs(1_790_000_500);
            ok(self.store.touch(&name, later, LONG).await);
            let touched = SessionEntry { idle_end: later, ..entry };
            assert_eq!(self.load(&name).await, Some(touched), "a touch moves the idle end alone");
            ok(self.store.remove(&name).await);
            assert_eq!(self.load(&name).await, None, "what was removed is gone");
        }
    }

    async fn only_the_expected_generation_is_replaced(&self) {
        let name = self.name("replaced");
        let (first, second) = (self.entry(7), SessionEntry { sealed: vec![8], ..self.entry(8) });
        ok(self.store.insert(&name, &first, LONG).await);
        let replaced = ok(self.store.replace(&name, 6, &second, LONG).await);
        assert_eq!(replaced, Replaced::Changed, "another generation is there");
        assert_eq!(self.load(&name).await, Some(first), "and stays");
        let replaced = ok(self.store.replace(&name, 7, &second, LONG).await);
        assert_eq!(replaced, Replaced::Done);
        assert_eq!(self.load(&name).await.as_ref(), Some(&second));
        let is_removed = ok(self.store.remove_generation(&name, 7).await);
        assert!(!is_removed, "another generation is not removed");
        assert_eq!(self.load(&name).await, Some(second));
        assert!(ok(self.store.remove_generation(&name, 8).await));
        assert_eq!(self.load(&name).await, None);
    }

    async fn what_is_absent_stays_absent(&self) {
        let name = self.name("absent");
        let replaced = ok(self.store.replace(&name, 0, &self.entry(1), LONG).await);
        assert_eq!(replaced, Replaced::Absent, "a replacement makes no entry");
        ok(self.store.touch(&name, UnixTime::from_secs(1), LONG).await);
        assert!(!ok(self.store.remove_generation(&name, 0).await));
        ok(self.store.remove(&name).await);
        assert_eq!(self.load(&name).await, None, "nor does a touch");
    }

    async fn all_of_a_user_end_and_nothing_else(&self) {
        let names = [self.name("one"), self.name("two"), self.name("other")];
        let user = self.name("renee");
        for name in &names {
            let other = name == &self.name("other");
            let user = if other { self.name("louis") } else { user.clone() };
            ok(self.store.insert(name, &SessionEntry { user, ..self.entry(0) }, LONG).await);
        }
        // The index knows an entry that was replaced, too.
        let next = SessionEntry { user: user.clone(), ..self.entry(1) };
        ok(self.store.replace(&names[1], 0, &next, LONG).await);
        ok(self.store.remove_user(&user).await);
        assert_eq!(self.load(&names[0]).await, None);
        assert_eq!(self.load(&names[1]).await, None);
        assert!(self.load(&names[2]).await.is_some(), "another user's session goes on");
        ok(self.store.remove_user(&user).await);
        ok(self.store.remove(&names[2]).await);
    }

    async fn a_lease_has_one_holder(&self) {
        let lease = self.name("lease");
        assert!(!ok(self.store.renew(&lease, "one", LONG).await), "there is nothing to renew");
        assert!(ok(self.store.claim(&lease, "one", LONG).await));
        assert!(!ok(self.store.claim(&lease, "two", LONG).await), "one has it");
        assert!(!ok(self.store.claim(&lease, "one", LONG).await), "its holder too claims it once");
        assert!(!ok(self.store.renew(&lease, "two", LONG).await));
        ok(self.store.release(&lease, "two").await);
        assert!(ok(self.store.renew(&lease, "one", LONG).await), "two could not release it");
        ok(self.store.release(&lease, "one").await);
        assert!(ok(self.store.claim(&lease, "two", LONG).await));
        assert_eq!(self.load(&lease).await, None, "a lease is no session");
        ok(self.store.release(&lease, "two").await);
    }

    async fn of_many_at_once_one_wins(&self) {
        let (lease, name) = (self.name("contended"), self.name("raced"));
        let holders: Vec<String> = (0..16).map(|number| format!("holder-{number}")).collect();
        let claims = holders.iter().map(|holder| self.store.claim(&lease, holder, LONG));
        let claimed = all(claims).await.into_iter().filter(|claimed| *claimed).count();
        assert_eq!(claimed, 1, "one claims the lease");
        ok(self.store.insert(&name, &self.entry(0), LONG).await);
        let entries: Vec<_> = (1..=16).map(|generation| self.entry(generation)).collect();
        let writes = entries.iter().map(|entry| self.store.replace(&name, 0, entry, LONG));
        let outcomes = all(writes).await;
        let done = outcomes.iter().filter(|outcome| **outcome == Replaced::Done).count();
        assert_eq!(done, 1, "one replaces the entry: {outcomes:?}");
        ok(self.store.remove(&name).await);
    }

    async fn what_has_had_its_time_is_gone(&self) {
        let (name, touched, lease) = (self.name("short"), self.name("touched"), self.name("brief"));
        ok(self.store.insert(&name, &self.entry(0), SHORT).await);
        ok(self.store.insert(&touched, &self.entry(0), SHORT).await);
        ok(self.store.touch(&touched, UnixTime::from_secs(1_790_000_500), LONG).await);
        assert!(ok(self.store.claim(&lease, "one", SHORT).await));
        let mut looks = 0;
        while self.load(&name).await.is_some() || !ok(self.store.claim(&lease, "two", LONG).await) {
            looks += 1;
            assert!(looks < PATIENCE, "an entry or a lease outlives its time");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(!ok(self.store.renew(&lease, "one", LONG).await), "its first holder has lost it");
        assert!(self.load(&touched).await.is_some(), "a touch has made it live longer");
        ok(self.store.remove(&touched).await);
        ok(self.store.release(&lease, "two").await);
    }
}

#[expect(clippy::panic, reason = "it is a test")]
fn ok<T>(outcome: Result<T, crate::BoxError>) -> T {
    outcome.unwrap_or_else(|error| panic!("the store fails: {error}"))
}

/// Runs them at the same time.
async fn all<'a, T: Send + 'a>(futures: impl Iterator<Item = super::StoreFuture<'a, T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(Some).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        for slot in &mut running {
            if let Some(future) = slot
                && let std::task::Poll::Ready(outcome) = future.as_mut().poll(context)
            {
                done.push(ok(outcome));
                *slot = None;
            }
        }
        if running.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}
