//! Things that a random text stands for, for a while.

use std::collections::{HashMap, VecDeque};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// So many are kept of each kind; then the oldest goes.
const CAPACITY: usize = 4096;

/// Values by token. It never grows past its capacity, whatever strangers ask for.
pub(crate) struct Tokens<T> {
    values: HashMap<String, Entry<T>>,
    order: VecDeque<String>,
}

struct Entry<T> {
    value: T,
    expires_at: i64,
}

impl<T> Default for Tokens<T> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Tokens<T> {
    /// Keeps a value under a token of its own, which it gives.
    pub(crate) fn issue(&mut self, value: T, expires_at: i64) -> String {
        let token = random_text();
        self.insert(token.clone(), value, expires_at);
        token
    }

    /// Keeps a value under that token.
    pub(crate) fn insert(&mut self, token: String, value: T, expires_at: i64) {
        while self.values.len() >= CAPACITY || self.order.len() >= 2 * CAPACITY {
            let Some(oldest) = self.order.pop_front() else { break };
            self.values.remove(&oldest);
        }
        self.order.push_back(token.clone());
        self.values.insert(token, Entry { value, expires_at });
    }

    /// What that token stands for, unless it expired.
    pub(crate) fn find(&self, token: &str, now: i64) -> Option<&T> {
        let entry = self.values.get(token)?;
        (now < entry.expires_at).then_some(&entry.value)
    }

    pub(crate) fn remove(&mut self, token: &str) {
        self.values.remove(token);
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.values.retain(|_, entry| keep(&entry.value));
    }
}

/// A text that nobody guesses: 244 random bits in 43 characters, the length of the real server's.
pub(crate) fn random_text() -> String {
    let halves = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
    URL_SAFE_NO_PAD.encode(halves.as_flattened())
}
