//! What all handlers share.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use uuid::Uuid;

use crate::{
    clock::Clock,
    observe::{Delivery, Last, Mail, faults::Faults, requests::Requests},
    store::{Store, Tenant},
};

/// What all handlers share: the store, the records and the faults.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

struct Shared {
    store: Mutex<Store>,
    observed: Observed,
    clock: Clock,
    domain: String,
    api_key: String,
    stopped: AtomicBool,
}

/// The records of what happened, and the planned faults.
#[derive(Default)]
pub(crate) struct Observed {
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) mails: Last<Mail, 1000>,
    pub(crate) deliveries: Last<Delivery, 1000>,
}

impl App {
    pub(crate) fn new(store: Store, clock: Clock, domain: String, api_key: String) -> Self {
        let stopped = AtomicBool::new(false);
        let (store, observed) = (Mutex::new(store), Observed::default());
        Self(Arc::new(Shared { store, observed, clock, domain, api_key, stopped }))
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.0.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn observed(&self) -> &Observed {
        &self.0.observed
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Seconds.
    pub(crate) fn now(&self) -> i64 {
        self.0.clock.now().as_secs()
    }

    /// `host:port`, which the issuer names.
    pub(crate) fn domain(&self) -> &str {
        &self.0.domain
    }

    /// Always https, as on the real server, even where it is reached over http.
    pub(crate) fn issuer(&self, tenant: &Tenant) -> String {
        format!("https://{}{}", self.0.domain, tenant.prefix())
    }

    pub(crate) fn api_key(&self) -> &str {
        &self.0.api_key
    }

    /// Mails a code to a user's new address.
    pub(crate) fn mail_code(&self, store: &mut Store, user: Uuid, email: &str) {
        let code = store.new_email_code(user, email, self.now());
        self.0.observed.mails.add(Mail {
            to: email.to_owned(),
            subject: "Verify your email",
            code,
        });
    }

    /// Ends the threads that deliver to webhooks.
    pub(crate) fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
        self.store().subscribers.clear();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }
}
