//! The pump: what the core asks for, over the network.

use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use arc_swap::ArcSwap;
use fief_proto::{
    AccessTokenInfo, Client, Config, Provider, Requirements, TokenRef, UnixTime, VerifiedTokens,
    flow::{Flow, Input, Request, Response, Step, Ticket},
};

use fief_transport::{Error, Trace, TransportError};

use crate::FiefBuilder;

/// A function from request to response: the built-in HTTP client, or the user's own.
pub(crate) type Transport = Box<dyn Fn(&Request) -> Result<Response, TransportError> + Send + Sync>;

/// A function that tells the time: the system's clock, or a test's.
pub(crate) type Clock = Box<dyn Fn() -> UnixTime + Send + Sync>;

/// A blocking client of one Fief tenant. Cheap to clone; clones share connections and keys.
///
/// Make one and keep it: discovery document and keys are fetched once, when they are first needed,
/// and refreshed when they are due or a token names a new key.
#[derive(Clone)]
pub struct Fief(Arc<Inner>);

pub(crate) struct Inner {
    pub client: Client,
    pub transport: Transport,
    pub clock: Clock,
    /// Read without a lock, written only under `flight`.
    pub provider: ArcSwap<Provider>,
    pub verified_tokens: Option<Mutex<VerifiedTokens>>,
    /// Held by the one who fetches a shared document. No signature is checked under it.
    pub flight: Mutex<()>,
}

impl Fief {
    /// A client with the default transport options.
    ///
    /// # Errors
    ///
    /// If the configuration can't be used.
    pub fn new(config: Config) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// A client with transport options, a clock or a transport of your own.
    pub fn builder(config: Config) -> FiefBuilder {
        FiefBuilder::new(config)
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The core's client, to make flows for [`run`](Self::run).
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// The time, as the clock of this client tells it.
    pub fn now(&self) -> UnixTime {
        (self.0.clock)()
    }

    /// What is known of the provider at this moment.
    pub fn provider(&self) -> Provider {
        Provider::clone(&self.0.provider.load())
    }

    /// Drives a flow of the core to its end.
    ///
    /// # Errors
    ///
    /// Whatever ends the flow, and the failure of its own request.
    pub fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        self.call("run", flow)
    }

    pub(crate) fn call<F: Flow>(
        &self,
        operation: &'static str,
        flow: F,
    ) -> Result<F::Output, Error> {
        let trace = Trace::begin(operation);
        let outcome = self.pump(flow, &trace);
        trace.end(&outcome);
        outcome
    }

    pub(crate) fn validate(
        &self,
        token: TokenRef<'_>,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, Error> {
        let trace = Trace::begin("validate_access_token");
        let outcome = self.known_or_verified(token, requirements, &trace);
        trace.end(&outcome);
        outcome
    }

    fn known_or_verified(
        &self,
        token: TokenRef<'_>,
        requirements: &Requirements,
        trace: &Trace,
    ) -> Result<AccessTokenInfo, Error> {
        let mut flow = self.0.client.validate_access_token(token, requirements);
        let Some(cache) = &self.0.verified_tokens else {
            return self.pump(flow, trace);
        };
        let lock = || cache.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().validate(token, requirements, &self.0.provider.load(), self.now());
        if let Some(outcome) = known {
            return Ok(outcome?);
        }
        let info = self.pump(&mut flow, trace)?;
        lock().keep(&flow, &info);
        Ok(info)
    }

    fn pump<F: Flow>(&self, mut flow: F, trace: &Trace) -> Result<F::Output, Error> {
        let mut input = Input::Go;
        loop {
            let step = flow.resume(&self.0.provider.load(), self.now(), input)?;
            input = match step {
                Step::Done(output) => return Ok(output),
                Step::Send(request) => match request.ticket() {
                    Some(ticket) => {
                        trace.fetched();
                        self.fetch(&request, ticket)
                    }
                    None => {
                        let response = (self.0.transport)(&request)?;
                        trace.answered(response.status());
                        Input::Response(response)
                    }
                },
            };
        }
    }

    /// Settles a ticket: by the attempt of whoever holds the flight lock, or by one of our own.
    fn fetch(&self, request: &Request, ticket: Ticket) -> Input {
        let inner = &*self.0;
        // The lock guards no data: one who panicked under it has left nothing half done.
        let flight = match inner.flight.try_lock() {
            Ok(flight) => flight,
            Err(TryLockError::Poisoned(flight)) => flight.into_inner(),
            Err(TryLockError::WouldBlock) if ticket.is_optional() => return Input::Skip,
            Err(TryLockError::WouldBlock) => {
                inner.flight.lock().unwrap_or_else(PoisonError::into_inner)
            }
        };
        let mut provider = self.provider();
        if !provider.settled(&ticket) {
            let outcome = (inner.transport)(request);
            inner.client.learn(&mut provider, ticket, (inner.clock)(), outcome);
            inner.provider.store(Arc::new(provider));
        }
        drop(flight);
        Input::Go
    }
}

impl std::fmt::Debug for Fief {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fief").field("client", &self.0.client).finish_non_exhaustive()
    }
}
