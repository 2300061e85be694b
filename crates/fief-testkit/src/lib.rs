#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// Code for tests that does not stand in a test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::missing_panics_doc)]
#![allow(clippy::missing_errors_doc, clippy::panic, clippy::unwrap_used)]

use std::{
    net::TcpListener,
    process,
    sync::{
        atomic::{AtomicU16, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use url::form_urlencoded;

pub mod browser;
pub mod clock;
pub mod http;
pub mod material;
pub mod mint;
pub mod server;
pub mod sink;
#[cfg(feature = "transport")]
pub mod transport;

/// Long enough for any machine; only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Does this on another thread, and fails if it does not come back.
pub fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(PATIENCE).expect("it panicked, or takes for ever")
}

/// A port that is free, of those that the system does not give out by itself.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let offset = process::id() * 41 + u32::from(NEXT.fetch_add(1, SeqCst));
        let port = 20_000 + u16::try_from(offset % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The first parameter of that name in the query of a URL.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
