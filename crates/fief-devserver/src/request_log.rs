//! What was asked of the server.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// A request that was answered, or refused an answer by a fault.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// The path, tenant included, without the query: no code or token stands in it.
    pub path: String,
    /// The status of the answer; none where the connection was cut before one.
    pub status: Option<u16>,
}

/// The last requests.
#[derive(Default)]
pub(crate) struct RequestLog(Mutex<VecDeque<LoggedRequest>>);

impl RequestLog {
    /// So many are kept; then the oldest goes.
    const CAPACITY: usize = 10_000;

    pub(crate) fn add(&self, request: LoggedRequest) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() >= Self::CAPACITY {
            log.pop_front();
        }
        log.push_back(request);
    }

    pub(crate) fn all(&self) -> Vec<LoggedRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
