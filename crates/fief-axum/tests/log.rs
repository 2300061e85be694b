//! What an outage says in the log. Alone in its program: what other tests log is decided by whichever
//! of them is first.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::sync::{Arc, Mutex};

use common::{
    Upstream,
    browser::Browser,
    site::{Flaky, OPERATIONS, Operation, process},
};

#[tokio::test]
async fn each_outage_of_a_store_is_told_once() {
    let log = Log::default();
    let to_log = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || to_log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let upstream = Upstream::new();
    let store = Flaky::default();
    let site = process(&upstream, store.clone());
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    log.lines();

    store.fail(OPERATIONS);
    for _ in 0..3 {
        assert_eq!(browser.get(&site, "/user").await.status, 503);
        assert_eq!(browser.post(&site, "/logout").await.status, 503);
    }
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = "can't be read, and requests with a session are answered with 503 until it is back: \
                Load fails";
    assert!(lines[0].contains(line), "{lines:?}");
    store.fail([]);
    assert_eq!(browser.get(&site, "/user").await.status, 200);
    let lines = log.lines();
    assert!(lines.len() == 1 && lines[0].contains("is back"), "{lines:?}");

    // Full: what can be read goes on.
    let writes = OPERATIONS.into_iter().filter(|operation| *operation != Operation::Load);
    store.fail(writes);
    for _ in 0..3 {
        assert_eq!(browser.post(&site, "/logout").await.status, 503);
        assert_eq!(browser.get(&site, "/user").await.status, 200);
    }
    let lines = log.lines();
    assert!(lines.len() == 1 && lines[0].contains("can't be written"), "{lines:?}");
    store.fail([]);
    assert_eq!(browser.post(&site, "/logout").await.status, 303);
    let lines = log.lines();
    assert!(lines.len() == 1 && lines[0].contains("is back"), "{lines:?}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// What was told since the last look.
    fn lines(&self) -> Vec<String> {
        let text = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
