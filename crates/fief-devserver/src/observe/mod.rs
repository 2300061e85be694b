//! What a test sees of the server, and how it disturbs it.

pub(crate) mod faults;
pub(crate) mod requests;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, PoisonError},
};

/// The last of its kind: of more than `CAPACITY`, the oldest goes.
pub(crate) struct Last<T, const CAPACITY: usize>(Mutex<VecDeque<T>>);

impl<T, const CAPACITY: usize> Default for Last<T, CAPACITY> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone, const CAPACITY: usize> Last<T, CAPACITY> {
    pub(crate) fn add(&self, item: T) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CAPACITY {
            all.pop_front();
        }
        all.push_back(item);
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// A mail that a real server would have sent.
#[derive(Clone)]
#[non_exhaustive]
pub struct Mail {
    /// The address it goes to.
    pub to: String,
    /// What it is about.
    pub subject: &'static str,
    /// The code that it brings.
    pub code: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// One attempt to deliver an event to a webhook.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The URL of the webhook.
    pub url: String,
    /// `user.created`, for example.
    pub event_type: &'static str,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// What the receiver answered; 200 to 299 end the attempts. None if it did not.
    pub status: Option<u16>,
}
