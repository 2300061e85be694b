//! Values that are found by a random token until they expire.

use std::collections::{HashMap, VecDeque};

use crate::random::random_string;

/// How many are kept of each kind; beyond that, the oldest is dropped.
const CAPACITY: usize = 4096;

/// Values by token. It never grows past its capacity, whatever is asked for.
pub(crate) struct Expiring<T> {
    values: HashMap<String, Entry<T>>,
    order: VecDeque<String>,
}

struct Entry<T> {
    value: T,
    expires_at: i64,
}

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Expiring<T> {
    /// Keeps a value under a new token, which is returned.
    pub(crate) fn issue(&mut self, value: T, expires_at: i64) -> String {
        let token = random_string();
        self.insert(token.clone(), value, expires_at);
        token
    }

    /// Keeps a value under this token.
    pub(crate) fn insert(&mut self, token: String, value: T, expires_at: i64) {
        while self.values.len() >= CAPACITY || self.order.len() >= 2 * CAPACITY {
            let Some(oldest) = self.order.pop_front() else { break };
            self.values.remove(&oldest);
        }
        self.order.push_back(token.clone());
        self.values.insert(token, Entry { value, expires_at });
    }

    /// The value of this token, unless it has expired.
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

#[cfg(test)]
mod tests {
    use super::{CAPACITY, Expiring};

    #[test]
    fn it_never_grows_past_its_capacity() {
        let mut kept = Expiring::default();
        let first = kept.issue(0, 10);
        for number in 1..CAPACITY * 3 {
            let token = kept.issue(number, 10);
            if number % 2 == 0 {
                kept.remove(&token);
            }
        }
        assert!(kept.values.len() <= CAPACITY && kept.order.len() <= 2 * CAPACITY);
        assert_eq!(kept.find(&first, 0), None);
    }
}
