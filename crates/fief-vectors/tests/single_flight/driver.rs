//! The two drivers behind one interface.

use std::{sync::Arc, time::Duration};

use fief_proto::{
    Client, Config, Error, Provider, Report, Requirements, UnixTime,
    flow::{Flow, Input, Step},
};
use fief_testkit::{PATIENCE, clock::Clock, in_time};
use fief_transport::{Proxy, TransportOptions};
use tokio::runtime::{Builder, Runtime};

/// What a failed call says of itself.
#[derive(Debug)]
pub struct Failure {
    kind: &'static str,
    reason: Option<&'static str>,
    pub report: String,
}

impl Failure {
    fn new(error: &Error) -> Self {
        let report = Report(error).to_string();
        Self { kind: error.kind(), reason: error.reason(), report }
    }

    pub fn names(&self) -> (&str, Option<&str>) {
        (self.kind, self.reason)
    }
}

pub trait Driver: Clone + Send + Sync + 'static {
    fn start(config: Config, clock: &Clock, timeout: Option<Duration>) -> Self;

    fn validate(&self, token: &str) -> Result<(), Failure>;

    /// Validates `outer`; whenever that flow is resumed, `inner` is validated meanwhile.
    fn validate_around(&self, outer: &str, inner: &str);
}

#[derive(Clone)]
pub struct Ureq(fief_ureq::Fief);

impl Driver for Ureq {
    fn start(config: Config, clock: &Clock, timeout: Option<Duration>) -> Self {
        let builder = fief_ureq::Fief::builder(config).transport_options(options(timeout));
        Self(builder.clock(clock.reader()).build().unwrap())
    }

    fn validate(&self, token: &str) -> Result<(), Failure> {
        let outcome = self.0.validate_access_token(token, &Requirements::none());
        outcome.map(drop).map_err(|error| Failure::new(&error))
    }

    fn validate_around(&self, outer: &str, inner: &str) {
        let (client, requirements) = (self.0.client().clone(), Requirements::none());
        let flow = Around {
            inner: client.validate_access_token(outer, &requirements),
            within: || {
                let (driver, token) = (self.clone(), inner.to_owned());
                // It does not, if the lock is held while a flow is resumed.
                in_time(move || drop(driver.validate(&token)));
            },
        };
        self.0.run(flow).unwrap();
    }
}

#[derive(Clone)]
pub struct Hyper {
    pub fief: fief_hyper::Fief,
    pub runtime: Arc<Runtime>,
}

impl Driver for Hyper {
    fn start(config: Config, clock: &Clock, timeout: Option<Duration>) -> Self {
        let builder = fief_hyper::Fief::builder(config).transport_options(options(timeout));
        let fief = builder.clock(clock.reader()).build().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { fief, runtime: Arc::new(runtime) }
    }

    fn validate(&self, token: &str) -> Result<(), Failure> {
        let requirements = Requirements::none();
        let outcome = self.runtime.block_on(self.fief.validate_access_token(token, &requirements));
        outcome.map(drop).map_err(|error| Failure::new(&error))
    }

    fn validate_around(&self, outer: &str, inner: &str) {
        let (client, requirements): (Client, _) =
            (self.fief.client().clone(), Requirements::none());
        let flow = Around {
            inner: client.validate_access_token(outer, &requirements),
            within: || {
                let (driver, token) = (self.clone(), inner.to_owned());
                // It does not, if the lock is held while a flow is resumed.
                in_time(move || drop(driver.validate(&token)));
            },
        };
        self.runtime.block_on(self.fief.run(flow)).unwrap();
    }
}

fn options(timeout: Option<Duration>) -> TransportOptions {
    TransportOptions {
        timeout: timeout.or(Some(PATIENCE)),
        proxy: Proxy::None,
        ..TransportOptions::default()
    }
}

/// A flow during which something else happens, once the provider can be read.
struct Around<F, W> {
    inner: F,
    within: W,
}

impl<F: Flow, W: Fn()> Flow for Around<F, W> {
    type Output = F::Output;

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<F::Output>, Error> {
        (self.within)();
        self.inner.resume(provider, now, input)
    }
}
