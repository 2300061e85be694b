//! Both drivers remember verified tokens where the option is set, and forget them in time.
//!
//! Whether a token was known is seen by how often the driver reads its clock: once to ask the
//! cache, and otherwise again to verify and to keep the token.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // Tests may panic.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use fief_proto::{
    AccessTokenInfo, Endpoint, Requirements, UnixTime,
    flow::{Request, Response},
};
use fief_testkit::{
    clock::Clock,
    material::{self, NOW, config, token},
};

/// The keys that the server publishes, and the clock.
#[derive(Default)]
struct World {
    second_key: AtomicUsize,
    clock: Clock,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self { clock: Clock::new(), ..Self::default() })
    }

    fn answer(&self, request: &Request) -> Response {
        match request.endpoint() {
            Endpoint::Keys => {
                let name = ["first", "second"][self.second_key.load(SeqCst)];
                material::ok(material::keys(&[name]))
            }
            Endpoint::Discovery => material::document(Endpoint::Discovery),
            other => panic!("unexpected request for {other}"),
        }
    }

    fn later(&self, seconds: i64) {
        self.clock.set(UnixTime::from_secs(NOW.as_secs() + seconds));
    }

    /// How often the clock is read meanwhile.
    fn reads(&self, work: impl FnOnce()) -> usize {
        let before = self.clock.readings();
        work();
        self.clock.readings() - before
    }
}

/// A driver that remembers so many tokens.
trait Driver: Sync {
    fn new(world: &Arc<World>, capacity: usize) -> Self;
    fn validate(&self, token: &str) -> Result<AccessTokenInfo, String>;
}

impl Driver for fief_ureq::Fief {
    fn new(world: &Arc<World>, capacity: usize) -> Self {
        let server = Arc::clone(world);
        Self::builder(config())
            .transport(move |request: &Request| Ok::<_, Infallible>(server.answer(request)))
            .clock(world.clock.reader())
            .verified_token_cache(capacity)
            .build()
            .unwrap()
    }

    fn validate(&self, token: &str) -> Result<AccessTokenInfo, String> {
        self.validate_access_token(token, &Requirements::none()).map_err(|e| e.kind().to_owned())
    }
}

impl Driver for fief_hyper::Fief {
    fn new(world: &Arc<World>, capacity: usize) -> Self {
        let server = Arc::clone(world);
        Self::builder(config())
            .transport(move |request: &Request| {
                let response = server.answer(request);
                async { Ok::<_, Infallible>(response) }
            })
            .clock(world.clock.reader())
            .verified_token_cache(capacity)
            .build()
            .unwrap()
    }

    fn validate(&self, token: &str) -> Result<AccessTokenInfo, String> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let requirements = Requirements::none();
        runtime
            .block_on(self.validate_access_token(token, &requirements))
            .map_err(|error| error.kind().to_owned())
    }
}

#[test]
fn ureq() {
    remembers_and_forgets::<fief_ureq::Fief>();
    serves_many_threads::<fief_ureq::Fief>();
}

#[test]
fn hyper() {
    remembers_and_forgets::<fief_hyper::Fief>();
    serves_many_threads::<fief_hyper::Fief>();
}

fn remembers_and_forgets<D: Driver>() {
    let (world, access) = (World::new(), token("access"));
    let validate = |driver: &D| driver.validate(&access).map(|info| info.id.to_string());

    let forgetful = D::new(&world, 0);
    validate(&forgetful).unwrap();
    assert_eq!(world.reads(|| drop(validate(&forgetful).unwrap())), 1, "to verify, only");

    let driver = D::new(&world, 50);
    let first = validate(&driver).unwrap();
    assert_eq!(world.reads(|| assert_eq!(validate(&driver).unwrap(), first)), 1, "it is known");
    let unknown = token("access_acr_missing");
    assert_eq!(world.reads(|| drop(driver.validate(&unknown).unwrap())), 2, "it is not");

    // The keys have changed, and are due.
    world.second_key.store(1, SeqCst);
    world.later(599);
    validate(&driver).unwrap();
    world.later(600);
    // No call waits for the new keys: one starts to fetch them, and a later one knows them.
    let began = std::time::Instant::now();
    let refused = loop {
        match driver.validate(&access) {
            Err(refused) => break refused,
            Ok(_) => assert!(began.elapsed().as_secs() < 20, "the keys are never fetched"),
        }
    };
    assert_eq!(refused, "access_token_invalid");

    world.second_key.store(0, SeqCst);
    let late = D::new(&world, 1);
    validate(&late).unwrap();
    world.later(3_660);
    assert_eq!(late.validate(&access).unwrap_err(), "access_token_expired");
}

fn serves_many_threads<D: Driver>() {
    let world = World::new();
    let tokens = ["access", "access_aud_several", "access_acr_missing"].map(token);
    for capacity in [1, 2, 100] {
        let driver = D::new(&world, capacity);
        let expected = tokens.each_ref().map(|token| driver.validate(token).unwrap());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..30 {
                        for (token, expected) in tokens.iter().zip(&expected) {
                            assert_eq!(driver.validate(token).as_ref(), Ok(expected));
                        }
                    }
                });
            }
        });
    }
}
