//! What was delivered, and what could not be.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

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

/// The last attempts.
#[derive(Default)]
pub(crate) struct Deliveries(Mutex<VecDeque<Delivery>>);

impl Deliveries {
    /// So many are kept; then the oldest goes.
    const CAPACITY: usize = 1000;

    pub(crate) fn add(&self, delivery: Delivery) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() >= Self::CAPACITY {
            log.pop_front();
        }
        log.push_back(delivery);
    }

    pub(crate) fn all(&self) -> Vec<Delivery> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
