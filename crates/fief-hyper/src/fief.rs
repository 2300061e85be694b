//! The pump: what the core asks for, over the network.

use std::{pin::Pin, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use fief_proto::{
    AccessTokenInfo, Client, Config, Provider, Requirements, TokenRef, UnixTime, VerifiedTokens,
    flow::{Flow, Input, Request, Response, Step, Ticket},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use fief_transport::{Error, Trace, TransportError, failure};

use crate::FiefBuilder;

/// The answer that is on its way.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>>;

/// A function from request to response: the built-in HTTP client, or the user's own.
pub(crate) type Transport = Box<dyn Fn(Arc<Request>) -> Answer + Send + Sync>;

/// A function that tells the time: the system's clock, or a test's.
pub(crate) type Clock = Box<dyn Fn() -> UnixTime + Send + Sync>;

/// An async client of one Fief tenant. Cheap to clone; clones share connections and keys.
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
    pub verified_tokens: Option<std::sync::Mutex<VerifiedTokens>>,
    /// Held by the one who fetches a shared document. No signature is checked under it.
    pub flight: Arc<Mutex<()>>,
    /// How long one exchange of the built-in transport may take, and hence the wait for somebody
    /// else's.
    pub timeout: Option<Duration>,
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

    /// The time by this client's clock, to which it holds tokens.
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
    pub async fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        self.call("run", flow).await
    }

    pub(crate) async fn call<F: Flow>(
        &self,
        operation: &'static str,
        flow: F,
    ) -> Result<F::Output, Error> {
        let trace = Trace::begin(operation);
        let outcome = self.pump(flow, &trace).await;
        trace.end(&outcome);
        outcome
    }

    pub(crate) async fn validate(
        &self,
        token: TokenRef<'_>,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, Error> {
        let trace = Trace::begin("validate_access_token");
        let outcome = self.known_or_verified(token, requirements, &trace).await;
        trace.end(&outcome);
        outcome
    }

    async fn known_or_verified(
        &self,
        token: TokenRef<'_>,
        requirements: &Requirements,
        trace: &Trace,
    ) -> Result<AccessTokenInfo, Error> {
        let mut flow = self.0.client.validate_access_token(token, requirements);
        let Some(cache) = &self.0.verified_tokens else {
            return self.pump(flow, trace).await;
        };
        let lock = || cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = lock().validate(token, requirements, &self.0.provider.load(), self.now());
        if let Some(outcome) = known {
            return Ok(outcome?);
        }
        let info = self.pump(&mut flow, trace).await?;
        lock().keep(&flow, &info);
        Ok(info)
    }

    async fn pump<F: Flow>(&self, mut flow: F, trace: &Trace) -> Result<F::Output, Error> {
        let mut input = Input::Go;
        loop {
            let step = flow.resume(&self.0.provider.load(), self.now(), input)?;
            input = match step {
                Step::Done(output) => return Ok(output),
                Step::Send(request) => match request.ticket() {
                    Some(ticket) => {
                        trace.fetched();
                        self.fetch(request, ticket).await?
                    }
                    None => {
                        let response = (self.0.transport)(Arc::new(request)).await?;
                        trace.answered(response.status());
                        Input::Response(response)
                    }
                },
            };
        }
    }

    /// Settles a ticket: by the attempt of whoever holds the flight lock, or by one of our own.
    ///
    /// The attempt runs in a task that owns the lock, so that a caller who leaves neither wastes it
    /// nor lets the next one start another.
    async fn fetch(&self, request: Request, ticket: Ticket) -> Result<Input, Error> {
        let flight = match Arc::clone(&self.0.flight).try_lock_owned() {
            Ok(flight) => flight,
            Err(_) if ticket.is_optional() => return Ok(Input::Skip),
            Err(_) => self.wait_for_flight().await?,
        };
        let mut provider = self.provider();
        if provider.settled(&ticket) {
            return Ok(Input::Go);
        }
        let inner = Arc::clone(&self.0);
        let attempt = async move {
            let outcome = (inner.transport)(Arc::new(request)).await;
            inner.client.learn(&mut provider, ticket, (inner.clock)(), outcome);
            inner.provider.store(Arc::new(provider));
            drop(flight);
        };
        match tokio::spawn(attempt).await {
            Ok(()) => Ok(Input::Go),
            Err(_) if ticket.is_optional() => Ok(Input::Skip),
            Err(error) => Err(failure::aborted(error).into()),
        }
    }

    /// An attempt ends within the time of an exchange, and with it the wait; unless it runs on
    /// another runtime, which nobody drives any more. Twice that time never ends before the attempt
    /// does.
    async fn wait_for_flight(&self) -> Result<OwnedMutexGuard<()>, Error> {
        let flight = Arc::clone(&self.0.flight).lock_owned();
        match self.0.timeout {
            None => Ok(flight.await),
            Some(limit) => tokio::time::timeout(limit.saturating_mul(2), flight)
                .await
                .map_err(|_| failure::timeout("a shared fetch").into()),
        }
    }
}

impl std::fmt::Debug for Fief {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fief").field("client", &self.0.client).finish_non_exhaustive()
    }
}
