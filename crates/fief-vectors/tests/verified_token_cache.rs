//! Both drivers remember verified tokens where the option is set, and forget them in time.
//!
//! Whether a token was known is seen by how often the driver reads its clock: once to ask the
//! cache, and otherwise again to verify and to keep the token.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // Tests may panic.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use fief_proto::{
    AccessTokenInfo, Config, Endpoint, Requirements, UnixTime,
    flow::{Request, Response},
};
use serde_json::{Value, json};

const NOW: i64 = 1_790_000_000;

/// The keys that the server publishes, what the clock shows, and how often it was read.
#[derive(Default)]
struct World {
    second_key: AtomicUsize,
    clock: AtomicI64,
    read: AtomicUsize,
}

impl World {
    fn new() -> Arc<Self> {
        let world = Self::default();
        world.clock.store(NOW, SeqCst);
        Arc::new(world)
    }

    fn now(&self) -> UnixTime {
        self.read.fetch_add(1, SeqCst);
        UnixTime::from_secs(self.clock.load(SeqCst))
    }

    fn answer(&self, request: &Request) -> Response {
        let endpoint = |path: &str| format!("https://fief.example{path}");
        let document = match request.endpoint() {
            Endpoint::Discovery => json!({
                "issuer": "https://fief.example",
                "authorization_endpoint": endpoint("/authorize"),
                "token_endpoint": endpoint("/api/token"),
                "userinfo_endpoint": endpoint("/api/userinfo"),
                "jwks_uri": endpoint("/.well-known/jwks.json"),
            }),
            Endpoint::Keys => {
                let name = ["jwk_first", "jwk_second"][self.second_key.load(SeqCst)];
                json!({ "keys": [material("keys")[name]] })
            }
            other => panic!("an unexpected request: {other}"),
        };
        Response::new(document.to_string().into_bytes())
    }

    /// How often the clock is read meanwhile.
    fn reads(&self, work: impl FnOnce()) -> usize {
        let before = self.read.load(SeqCst);
        work();
        self.read.load(SeqCst) - before
    }
}

fn material(file: &str) -> Value {
    serde_json::from_str(match file {
        "keys" => include_str!("../material/keys.json"),
        _ => include_str!("../material/tokens.json"),
    })
    .unwrap()
}

fn token(name: &str) -> String {
    material("tokens")[name].as_str().unwrap().to_owned()
}

/// A driver that remembers so many tokens.
trait Driver: Sync {
    fn new(world: &Arc<World>, capacity: usize) -> Self;
    fn validate(&self, token: &str) -> Result<AccessTokenInfo, String>;
}

fn config() -> Config {
    Config::new("https://fief.example", "duchy-app")
}

impl Driver for fief_ureq::Fief {
    fn new(world: &Arc<World>, capacity: usize) -> Self {
        let (server, clock) = (Arc::clone(world), Arc::clone(world));
        Self::builder(config())
            .transport(move |request: &Request| Ok::<_, Infallible>(server.answer(request)))
            .clock(move || clock.now())
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
        let (server, clock) = (Arc::clone(world), Arc::clone(world));
        Self::builder(config())
            .transport(move |request: &Request| {
                let response = server.answer(request);
                async { Ok::<_, Infallible>(response) }
            })
            .clock(move || clock.now())
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
    world.clock.store(NOW + 599, SeqCst);
    validate(&driver).unwrap();
    world.clock.store(NOW + 600, SeqCst);
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
    world.clock.store(NOW + 3_660, SeqCst);
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
