//! A clock that is set by hand.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
};
use std::thread;
use std::time::{Duration, Instant};

use fief_proto::UnixTime;

use crate::{PATIENCE, material::NOW};

/// The clock. Its clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Reading>);

#[derive(Debug, Default)]
struct Reading {
    seconds: AtomicI64,
    readings: AtomicUsize,
}

impl Clock {
    /// It shows the moment for which the tokens of the vectors were made.
    pub fn new() -> Self {
        Self::at(NOW)
    }

    /// It shows this time.
    pub fn at(time: UnixTime) -> Self {
        let clock = Self::default();
        clock.set(time);
        clock
    }

    /// Sets it.
    pub fn set(&self, time: UnixTime) {
        self.0.seconds.store(time.as_secs(), SeqCst);
    }

    /// Sets it ahead, or back.
    pub fn advance(&self, seconds: i64) {
        self.0.seconds.fetch_add(seconds, SeqCst);
    }

    /// What it shows.
    pub fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.seconds.load(SeqCst))
    }

    /// For a client or a server that wants a clock. Its readings are counted.
    pub fn reader(&self) -> impl Fn() -> UnixTime + Clone + Send + Sync + use<> {
        let clock = self.clone();
        move || {
            clock.0.readings.fetch_add(1, SeqCst);
            clock.now()
        }
    }

    /// How often its readers have been called.
    pub fn readings(&self) -> usize {
        self.0.readings.load(SeqCst)
    }

    /// Waits until its readers have been called so often.
    pub fn wait_for_readings(&self, readings: usize) {
        let began = Instant::now();
        while self.readings() < readings {
            assert!(began.elapsed() < PATIENCE, "only {} of {readings}", self.readings());
            thread::sleep(Duration::from_millis(1));
        }
    }
}
