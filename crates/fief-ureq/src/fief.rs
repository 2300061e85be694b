//! The client: a pump that sends what the core asks for.

use std::{
    error::Error as StdError,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

use fief_proto::{
    Error, TransportError,
    flow::{Flow, Input, Request, Response, Step, Ticket},
};
use fief_transport::internals::{State, Trace, host_of};

use crate::http::Http;

/// A function from request to response: the built-in HTTP client, or the user's own.
type Transport = Box<dyn Fn(Request) -> Result<Response, TransportError> + Send + Sync>;

/// A blocking client of one Fief tenant. Cheap to clone; clones share connections and keys.
///
/// Make one and keep it: discovery document and keys are fetched once, when they are first needed,
/// and refreshed when they are due or a token names a new key.
///
/// ```
/// use fief_ureq::{Config, Fief, Requirements};
///
/// # fn main() -> Result<(), fief_ureq::Error> {
/// let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let error = fief.validate_access_token("no token", &Requirements::none()).unwrap_err();
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
    flight: Mutex<()>,
    /// Whether a thread fetches a document that no call waits for.
    fetches_beside: AtomicBool,
}

fief_transport::builder!();
fief_transport::operations!(blocking);

impl Fief {
    /// Drives a flow of the core to its end.
    ///
    /// # Errors
    ///
    /// The error that ends the flow, or the failure of its own request.
    pub fn run<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        self.call("run", flow)
    }

    fn call<F: Flow>(&self, operation: &'static str, flow: F) -> Result<F::Output, Error> {
        let trace = Trace::begin(operation);
        let outcome = self.pump(flow, &trace);
        trace.end(&outcome);
        outcome
    }

    fn pump<F: Flow>(&self, mut flow: F, trace: &Trace) -> Result<F::Output, Error> {
        let mut input = Input::Go;
        loop {
            input = match flow.resume(&self.state().provider(), self.now(), input)? {
                Step::Done(output) => return Ok(output),
                Step::Send(request) => match request.ticket() {
                    None => Input::Response(trace.answered((self.0.transport)(request)?)),
                    Some(ticket) => self.fetch(trace, request, ticket),
                },
            };
        }
    }

    /// Has a shared document fetched: by this thread, by another one that has begun already, or in
    /// the background if no call has to wait.
    fn fetch(&self, trace: &Trace, request: Request, ticket: Ticket) -> Input {
        trace.fetched();
        if !ticket.is_optional() {
            self.0.settle(request, ticket);
            return Input::Go;
        }
        if !self.0.fetches_beside.swap(true, Relaxed) {
            let beside = Beside(Arc::clone(&self.0));
            let fetch = move || beside.0.settle(request, ticket);
            // Without a thread there is no fetch now; a later call tries again.
            let _ = thread::Builder::new().name("fief-fetch".to_owned()).spawn(fetch);
        }
        Input::Skip
    }

    fn state(&self) -> &State {
        &self.0.state
    }
}

impl Inner {
    /// Sends the request of a ticket, unless a previous holder of the lock has done so.
    fn settle(&self, request: Request, ticket: Ticket) {
        // A poisoned lock is used nevertheless: it guards no data that a panic could leave half
        // done.
        let _flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.state.is_settled(&ticket) {
            self.state.learn(ticket, (self.transport)(request));
        }
    }
}

/// The right to run the one fetch in the background. Dropping it, also in a panic, allows the next.
struct Beside(Arc<Inner>);

impl Drop for Beside {
    fn drop(&mut self) {
        self.0.fetches_beside.store(false, Relaxed);
    }
}

impl FiefBuilder {
    /// A custom transport, instead of the built-in one and all of its options.
    ///
    /// It sends the request once, as it is, follows no redirect, and returns the answer whatever
    /// its status, with the body decompressed and read no further than one byte past
    /// [`Request::body_limit`](fief_proto::flow::Request::body_limit). It needs a timeout of its
    /// own: nothing else stops it.
    pub fn transport<F, E>(mut self, transport: F) -> Self
    where
        F: Fn(&Request) -> Result<Response, E> + Send + Sync + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.transport = Some(Box::new(move |request| {
            transport(&request)
                .map_err(|error| TransportError::foreign(error, host_of(request.http().uri())))
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
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                let http = Http::new(&self.options, client.base_url())?;
                Box::new(move |request| http.send(request))
            }
        };
        Ok(Fief(Arc::new(Inner {
            state: State::new(client, self.clock, self.provider, self.verified_tokens),
            transport,
            flight: Mutex::new(()),
            fetches_beside: AtomicBool::new(false),
        })))
    }
}
