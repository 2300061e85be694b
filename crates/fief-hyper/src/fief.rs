//! The client: a pump that sends what the core asks for.

use std::{error::Error as StdError, pin::Pin, sync::Arc, time::Duration};

use fief_proto::{
    Error, TransportError,
    flow::{Flow, Input, Request, Response, Step, Ticket},
};
use fief_transport::internals::{State, Trace, failure, host_of};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use crate::http::Http;

/// An answer to come.
type Answer = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>>;

/// A function from request to response: the built-in HTTP client, or the user's own.
type Transport = Box<dyn Fn(Request) -> Answer + Send + Sync>;

/// An async client of one Fief tenant. Cheap to clone; clones share connections and keys.
///
/// Make one and keep it: discovery document and keys are fetched once, when they are first needed,
/// and refreshed when they are due or a token names a new key.
///
/// ```
/// use fief_hyper::{Config, Fief, Requirements};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), fief_hyper::Error> {
/// let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let error = fief.validate_access_token("no token", &Requirements::none()).await.unwrap_err();
/// assert_eq!(error.kind(), "access_token_invalid"); // told without a request
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Fief(Arc<Inner>);

struct Inner {
    state: State,
    transport: Transport,
    /// Held while a shared document is fetched (single flight). No signature is checked under it.
    flight: Arc<Mutex<()>>,
    /// How long one such fetch takes at most, by the built-in transport.
    documents_timeout: Option<Duration>,
}

fief_transport::builder!();
fief_transport::operations!(async);

impl Fief {
    /// Drives a flow of the core to its end.
    ///
    /// # Errors
    ///
    /// The error that ends the flow, or the failure of its own request.
    pub async fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        self.call("run", flow).await
    }

    async fn call<F: Flow>(&self, operation: &'static str, flow: F) -> Result<F::Output, Error> {
        let trace = Trace::begin(operation);
        let outcome = self.pump(flow, &trace).await;
        trace.end(&outcome);
        outcome
    }

    async fn pump<F: Flow>(&self, mut flow: F, trace: &Trace) -> Result<F::Output, Error> {
        let mut input = Input::Go;
        loop {
            let step = flow.resume(&self.state().provider(), self.now(), input)?;
            input = match step {
                Step::Done(output) => return Ok(output),
                Step::Send(request) => match request.ticket() {
                    None => Input::Response(trace.answered((self.0.transport)(request).await?)),
                    Some(ticket) => self.fetch(trace, request, ticket).await?,
                },
            };
        }
    }

    /// Has a shared document fetched: by this call, by another one that has begun already, or in
    /// the background if no call has to wait.
    ///
    /// The fetch is a task that owns the lock, so that dropping a call neither wastes the fetch nor
    /// makes the next call start another.
    async fn fetch(
        &self,
        trace: &Trace,
        request: Request,
        ticket: Ticket,
    ) -> Result<Input, TransportError> {
        trace.fetched();
        let host = host_of(request.http().uri()).to_owned();
        let flight = match Arc::clone(&self.0.flight).try_lock_owned() {
            Ok(flight) => flight,
            Err(_) if ticket.is_optional() => return Ok(Input::Skip),
            Err(_) => self.wait_for_fetch(&host).await?,
        };
        if self.state().is_settled(&ticket) {
            return Ok(Input::Go);
        }
        // A flow with keys at hand can run without tokio; a fetch needs it.
        let Ok(runtime) = Handle::try_current() else {
            return if ticket.is_optional() {
                Ok(Input::Skip)
            } else {
                Err(failure::configuration("there is no tokio runtime to fetch documents in"))
            };
        };
        let inner = Arc::clone(&self.0);
        let fetch = runtime.spawn(async move {
            let outcome = (inner.transport)(request).await;
            inner.state.learn(ticket, outcome);
            drop(flight);
        });
        if ticket.is_optional() {
            return Ok(Input::Skip);
        }
        fetch.await.map_err(|error| failure::aborted(&host, error))?;
        Ok(Input::Go)
    }

    /// A fetch has a timeout, so that the wait ends too, unless the runtime of the fetch has
    /// stopped. Hence a limit: twice the timeout is enough for a fetch of each document.
    async fn wait_for_fetch(&self, host: &str) -> Result<OwnedMutexGuard<()>, TransportError> {
        let flight = Arc::clone(&self.0.flight).lock_owned();
        match self.0.documents_timeout {
            None => Ok(flight.await),
            Some(limit) => timeout(limit.saturating_mul(2), flight).await.map_err(|_| {
                failure::timeout(host).detail("the fetch of another call did not end")
            }),
        }
    }

    fn state(&self) -> &State {
        &self.0.state
    }
}

impl FiefBuilder {
    /// A custom transport, instead of the built-in one and all of its options.
    ///
    /// It sends the request once, as it is, follows no redirect, and returns the answer whatever
    /// its status, with the body decompressed and read no further than one byte past
    /// [`Request::body_limit`](fief_proto::flow::Request::body_limit). It needs a timeout of its
    /// own: nothing else stops it. A tokio runtime is still needed, for the task of a shared fetch.
    pub fn transport<F, A, E>(mut self, transport: F) -> Self
    where
        F: Fn(&Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.transport = Some(Box::new(move |request| {
            let answer = transport(&request);
            Box::pin(async move {
                let host = host_of(request.http().uri());
                answer.await.map_err(|error| TransportError::foreign(error, host))
            })
        }));
        self
    }

    /// Checks the configuration and makes the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the configuration or the transport options can't be used.
    pub fn build(self) -> Result<Fief, Error> {
        let client = self.config.build()?;
        let (transport, documents_timeout) = match self.transport {
            Some(transport) => (transport, None),
            None => {
                let http = Arc::new(Http::new(&self.options, client.base_url())?);
                let transport: Transport = Box::new(move |request| {
                    let http = Arc::clone(&http);
                    Box::pin(async move { http.send(request).await })
                });
                (transport, self.options.documents_timeout)
            }
        };
        Ok(Fief(Arc::new(Inner {
            state: State::new(client, self.clock, self.provider, self.verified_tokens),
            transport,
            flight: Arc::new(Mutex::new(())),
            documents_timeout,
        })))
    }
}
