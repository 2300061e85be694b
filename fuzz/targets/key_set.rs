//! The published keys. Input: the document.
#![no_main]

use std::sync::LazyLock;

use fief_fuzz::{secrets, world};
use fief_proto::{Error, Flow as _, Input, Provider, Requirements, Response, Step};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let parsed =
        Provider::from_documents(&world::CLIENT, &world::discovery(world::BASE), data, world::NOW);
    match &parsed {
        Ok(provider) => {
            check_set(data);
            for token in &*TOKENS {
                let requirements = Requirements::none();
                let mut flow = world::CLIENT.validate_access_token(token, &requirements);
                let _ = flow.resume(provider, world::NOW, Input::Go);
            }
        }
        Err(error) => {
            assert!(matches!(error, Error::Provider(_)), "{error:?}");
            secrets::check_error(error);
        }
    }
    check_learned(data, parsed.is_ok());
});

/// With and without the name of a key.
static TOKENS: LazyLock<[String; 3]> =
    LazyLock::new(|| ["access", "access_second", "access_no_kid_second"].map(world::token));

/// What comes over the network is judged no other way, and never costs the keys at hand.
fn check_learned(data: &[u8], is_good: bool) {
    let mut provider = world::PROVIDER.clone();
    let requirements = Requirements::none();
    let mut flow = world::CLIENT.validate_access_token(&TOKENS[1], &requirements);
    let step = flow.resume(&provider, world::NOW, Input::Go).expect("an unknown key");
    let Step::Send(request) = step else { panic!("an unknown key is looked for") };
    let ticket = request.ticket().expect("a shared request");
    let response = Response::new(data.to_vec());
    world::CLIENT.learn(&mut provider, ticket, world::NOW, Ok(response));
    let step = flow.resume(&provider, world::NOW, Input::Go);
    assert!(!matches!(step, Ok(Step::Send(_)) | Err(Error::Misuse(_))));
    assert_eq!(matches!(step, Err(Error::Provider(_))), !is_good);
    if !is_good {
        let mut flow = world::CLIENT.validate_access_token(&TOKENS[0], &requirements);
        let step = flow.resume(&provider, world::NOW, Input::Go);
        assert!(matches!(step, Ok(Step::Done(_))), "the keys before are lost");
    }
}

/// A set that was taken has an RSA key of a decent length.
fn check_set(data: &[u8]) {
    let set: Value = serde_json::from_slice(data).expect("JSON");
    let keys = set["keys"].as_array().expect("a list");
    let is_usable = |key: &&Value| {
        let length = key["n"].as_str().map_or(0, |n| n.trim_start_matches('A').len());
        key["kty"] == "RSA" && length >= 341 && matches!(key["use"].as_str(), None | Some("sig"))
    };
    assert!(keys.iter().any(|key| is_usable(&key)), "no usable key");
}
