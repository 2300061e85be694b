//! What a test can observe of the server, and the faults that it can inject.

pub(crate) mod faults;
pub(crate) mod requests;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, PoisonError},
};

/// The last items: beyond `CAPACITY`, the oldest is dropped.
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
    /// The address it is sent to.
    pub to: String,
    /// Its subject.
    pub subject: &'static str,
    /// The code in it.
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
    /// The status of the receiver's answer; 200 to 299 end the attempts. None if there was no
    /// answer.
    pub status: Option<u16>,
}
