//! What the clones of a client share, in both drivers.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use arc_swap::{ArcSwap, Guard};
use fief_proto::{
    AccessTokenInfo, Client, Error, Provider, Requirements, TransportError, UnixTime,
    VerifiedTokens,
    flow::{Response, Ticket, ValidateAccessToken},
};

/// A function that returns the time: the system's clock, or a test's.
pub type Clock = Box<dyn Fn() -> UnixTime + Send + Sync>;

pub struct State {
    pub client: Client,
    clock: Clock,
    /// Read without a lock, written only by [`learn`](Self::learn).
    provider: ArcSwap<Provider>,
    verified_tokens: Option<Mutex<VerifiedTokens>>,
}

impl State {
    pub fn new(
        client: Client,
        clock: Option<Clock>,
        provider: Provider,
        verified_tokens: usize,
    ) -> Self {
        Self {
            clock: clock.unwrap_or_else(|| Box::new(|| SystemTime::now().into())),
            provider: ArcSwap::from_pointee(provider),
            verified_tokens: (verified_tokens > 0)
                .then(|| Mutex::new(VerifiedTokens::new(&client, verified_tokens))),
            client,
        }
    }

    pub fn now(&self) -> UnixTime {
        (self.clock)()
    }

    pub fn provider(&self) -> Guard<Arc<Provider>> {
        self.provider.load()
    }

    /// Whether there is nothing left to fetch for this ticket.
    pub fn is_settled(&self, ticket: &Ticket) -> bool {
        self.provider.load().settled(ticket)
    }

    /// Publishes how a shared fetch ended. Only the holder of the lock for shared fetches calls it,
    /// so that there is one writer at a time.
    pub fn learn(&self, ticket: Ticket, outcome: Result<Response, TransportError>) {
        let mut provider = Provider::clone(&self.provider.load());
        self.client.learn(&mut provider, ticket, self.now(), outcome);
        self.provider.store(Arc::new(provider));
    }

    /// What a validation of this token would return, if it was verified a moment ago.
    pub fn verified(
        &self,
        token: &str,
        requirements: &Requirements,
    ) -> Option<Result<AccessTokenInfo, Error>> {
        let mut known = self.verified_tokens()?;
        let outcome = known.validate(token, requirements, &self.provider.load(), self.now())?;
        Some(outcome.map_err(Error::from))
    }

    /// Remembers what a flow has found.
    pub fn keep(&self, flow: &ValidateAccessToken<'_>, info: &AccessTokenInfo) {
        if let Some(mut known) = self.verified_tokens() {
            known.keep(flow, info);
        }
    }

    /// A lock that a panic has poisoned is used nevertheless: every entry in it was verified.
    fn verified_tokens(&self) -> Option<MutexGuard<'_, VerifiedTokens>> {
        Some(self.verified_tokens.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
