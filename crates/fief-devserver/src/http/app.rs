//! What all handlers share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fief_proto::UnixTime;
use uuid::Uuid;

use crate::{
    fault::Faults,
    mail::{Mail, Outbox},
    request_log::RequestLog,
    webhook::Deliveries,
    world::{EMAIL_CODE_LIFETIME, EmailCode, Tenant, World},
};

/// What all handlers share: the world, and what watches and disturbs them.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) outbox: Mutex<Outbox>,
    pub(crate) deliveries: Deliveries,
    pub(crate) clock: Arc<dyn Fn() -> UnixTime + Send + Sync>,
    /// `host:port`: the domain that the issuer names.
    pub(crate) domain: String,
    pub(crate) api_key: String,
}

impl App {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.0.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.0.faults
    }

    pub(crate) fn log(&self) -> &RequestLog {
        &self.0.log
    }

    pub(crate) fn deliveries(&self) -> &Deliveries {
        &self.0.deliveries
    }

    /// `host:port`.
    pub(crate) fn domain(&self) -> &str {
        &self.0.domain
    }

    pub(crate) fn api_key(&self) -> &str {
        &self.0.api_key
    }

    /// Seconds.
    pub(crate) fn now(&self) -> i64 {
        (self.0.clock)().as_secs()
    }

    /// Mails a code to an address that a user wants to have.
    pub(crate) fn mail_code(&self, world: &mut World, user: Uuid, email: &str) {
        // Short enough to be typed, and without letters that look like digits.
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let letter = |byte: u8| LETTERS.get(usize::from(byte) % LETTERS.len()).copied();
        let code: String = Uuid::new_v4()
            .into_bytes()
            .iter()
            .take(6)
            .filter_map(|b| letter(*b))
            .map(char::from)
            .collect();
        let waiting = EmailCode { user, email: email.to_owned() };
        // An older code of the same user works no more.
        world.email_codes.retain(|other| other.user != user);
        world.email_codes.insert(
            code.clone(),
            waiting,
            self.now().saturating_add(EMAIL_CODE_LIFETIME),
        );
        self.outbox().send(Mail { to: email.to_owned(), subject: "Verify your email", code });
    }

    /// Always https, as the real server has it, even where it is reached over http.
    pub(crate) fn issuer(&self, tenant: &Tenant) -> String {
        format!("https://{}{}", self.0.domain, tenant.prefix())
    }
}
