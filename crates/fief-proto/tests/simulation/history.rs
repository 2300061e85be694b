//! What has become of a program's fetches, written down beside its provider: facts, and no rules.

use crate::server::Key;

#[derive(Clone, Debug, Default)]
pub struct History {
    pub discovery: Fetched,
    pub keys: Fetched,
}

/// One document.
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    /// When the last good one came, by the program's clock, and the keys in it.
    good: Option<(i64, Vec<Key>)>,
    /// When the last attempt ended.
    ended: Option<i64>,
    /// How many have failed since the last good one.
    failures: u32,
}

impl Fetched {
    pub fn record(&mut self, now: i64, outcome: Option<Vec<Key>>) {
        self.ended = Some(now);
        self.failures += 1;
        if let Some(keys) = outcome {
            self.good = Some((now, keys));
            self.failures = 0;
        }
    }

    /// How old the good one is. Negative where the clock was set back.
    pub fn age(&self, now: i64) -> Option<i64> {
        self.good.as_ref().map(|(then, _)| now - then)
    }

    pub fn since_last_attempt(&self, now: i64) -> Option<i64> {
        self.ended.map(|then| now - then)
    }

    pub fn failures(&self) -> u32 {
        self.failures
    }

    pub fn has_failed(&self) -> bool {
        self.failures > 0
    }

    pub fn holds(&self, key: Key) -> bool {
        self.good.as_ref().is_some_and(|(_, keys)| keys.contains(&key))
    }
}
