//! The two drivers behind one interface, with a clock that counts its readings.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use fief_proto::{
    Client, Config, Error, Provider, Report, Requirements, UnixTime,
    flow::{Flow, Input, Step},
};
use fief_transport::{Proxy, TransportOptions};
use tokio::runtime::{Builder, Runtime};

use crate::PATIENCE;

/// What a failed call reports.
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
    fn start(config: Config, clock: &TestClock, timeout: Option<Duration>) -> Self;

    fn validate(&self, token: &str) -> Result<(), Failure>;

    /// Validates `outer`; whenever that flow is resumed, `inner` is validated meanwhile.
    fn validate_around(&self, outer: &str, inner: &str);
}

#[derive(Clone)]
pub struct Ureq(fief_ureq::Fief);

impl Driver for Ureq {
    fn start(config: Config, clock: &TestClock, timeout: Option<Duration>) -> Self {
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
    fn start(config: Config, clock: &TestClock, timeout: Option<Duration>) -> Self {
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

/// Runs this on another thread, and fails if it does not end.
fn in_time(work: impl FnOnce() + Send + 'static) {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        work();
        // The receiver may have given up.
        let _ = sender.send(());
    });
    receiver
        .recv_timeout(PATIENCE)
        .expect("the lock of shared fetches is held while a flow is resumed");
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

/// A clock that is set by hand.
#[derive(Clone)]
pub struct TestClock {
    seconds: Arc<AtomicI64>,
    readings: Arc<AtomicUsize>,
}

impl TestClock {
    pub fn at(seconds: i64) -> Self {
        Self { seconds: Arc::new(AtomicI64::new(seconds)), readings: Arc::default() }
    }

    pub fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, SeqCst);
    }

    pub fn readings(&self) -> usize {
        self.readings.load(SeqCst)
    }

    pub fn wait_for_readings(&self, readings: usize) {
        let began = Instant::now();
        while self.readings() < readings {
            assert!(began.elapsed() < PATIENCE, "only {} of {readings}", self.readings());
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn reader(&self) -> impl Fn() -> UnixTime + Send + Sync + 'static {
        let clock = self.clone();
        move || {
            clock.readings.fetch_add(1, SeqCst);
            UnixTime::from_secs(clock.seconds.load(SeqCst))
        }
    }
}
