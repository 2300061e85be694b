//! Keys are rotated while many threads validate: no token that a published key has signed fails.

use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use fief_devserver::{DevServer, Endpoint};

use crate::driver::{Clock, Driver};

const VALIDATIONS: usize = 10_000;
const THREADS: usize = 16;
const REDIRECT_URI: &str = "http://localhost:8000/callback";

/// Before and after the rotation.
type Generation = (usize, String);

pub fn with_an_overlap<D: Driver>() {
    validate_through_a_rotation::<D>(true);
}

pub fn without_an_overlap<D: Driver>() {
    validate_through_a_rotation::<D>(false);
}

fn validate_through_a_rotation<D: Driver>(overlap: bool) {
    let clock = Clock::new();
    let server = DevServer::builder().clock(clock.reader()).start().unwrap();
    let fief = D::open(server.config(), &clock);
    let first = token(&server, &fief);
    fief.validate(&first).unwrap();
    let current: Arc<RwLock<Generation>> = Arc::new(RwLock::new((0, first.clone())));
    let begun = Arc::new(AtomicUsize::new(0));

    let validators: Vec<_> = (0..THREADS)
        .map(|_| {
            let (fief, current, begun) = (fief.clone(), current.clone(), begun.clone());
            thread::spawn(move || {
                let mut by_generation = [0, 0];
                while begun.fetch_add(1, SeqCst) < VALIDATIONS {
                    let (generation, token) = current.read().unwrap().clone();
                    let outcome = fief.validate(&token);
                    // A key that is published no more when the answer is in owes nothing.
                    let still_owed = overlap || current.read().unwrap().0 == generation;
                    if let Err(error) = outcome {
                        assert!(!still_owed, "generation {generation}: {error:?}");
                    }
                    by_generation[generation] += 1;
                }
                by_generation
            })
        })
        .collect();

    // In the middle, and not before: the wait is for the validators, however slow they are.
    while begun.load(SeqCst) < VALIDATIONS / 2 {
        thread::yield_now();
    }
    let new = {
        // Nobody begins with the old token once its key is gone.
        let mut current = current.write().unwrap();
        if overlap {
            server.rotate_keys_with_overlap().unwrap();
        } else {
            server.rotate_keys().unwrap();
        }
        let new = server.access_token(EMAIL, "devserver", &["openid"]).unwrap();
        let new = new.expose().to_owned();
        *current = (1, new.clone());
        new
    };
    let counts = validators.into_iter().map(|thread| thread.join().unwrap());
    let [before, after] = counts.fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
    assert_eq!(before + after, VALIDATIONS);
    assert!(before > 0 && after > 0, "{before} before the rotation, {after} after it");

    fief.validate(&new).unwrap();
    assert_eq!(fief.validate(&first).is_ok(), overlap, "the old token, with overlap {overlap}");
    // Once at the beginning, and once for the key that nobody knew.
    assert_eq!(server.requests_to(Endpoint::Keys), 2);
}

const EMAIL: &str = "anne@bretagne.duchy";

fn token<D: Driver>(server: &DevServer, fief: &D) -> String {
    let login = fief.login(REDIRECT_URI).unwrap();
    let callback = server.sign_in(&login.url, EMAIL, "hermine-tincture-1488").unwrap();
    let (tokens, _) = fief.finish_login(login.pending, &callback).unwrap();
    tokens.access_token.expose().to_owned()
}
