//! The published keys. Input: the document.
#![no_main]

use std::sync::LazyLock;

use fief_fuzz::{model, secrets, world};
use fief_proto::{
    AccessTokenInfo, Error, Provider, Requirements,
    flow::{Flow as _, Input, Response, Step},
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let parsed =
        Provider::from_documents(&world::CLIENT, &world::discovery(world::BASE), data, world::NOW);
    match &parsed {
        Ok(provider) => {
            assert!(holds_usable(data, None), "no usable key");
            for token in &*TOKENS {
                check(data, token, &validate(provider, token));
            }
        }
        Err(error) => {
            assert!(matches!(error, Error::Provider(_) | Error::Response(_)), "{error:?}");
            secrets::check_error(error);
        }
    }
    check_learned(data, parsed.is_ok());
});

struct Token {
    text: String,
    kid: Option<&'static str>,
}

/// With and without a `kid`.
static TOKENS: LazyLock<[Token; 3]> = LazyLock::new(|| {
    let token = |name, kid| Token { text: world::token(name), kid };
    [
        token("access", Some("first")),
        token("access_second", Some("second")),
        token("access_no_kid_second", None),
    ]
});

type Outcome = Result<Step<AccessTokenInfo>, Error>;

fn validate(provider: &Provider, token: &Token) -> Outcome {
    let requirements = Requirements::none();
    let mut flow = world::CLIENT.validate_access_token(&token.text, &requirements);
    flow.resume(provider, world::NOW, Input::Go)
}

/// A token is accepted only if the document has a usable key with the token's `kid`, or any usable
/// key if it has no `kid`. Every signature is accepted here.
fn check(data: &[u8], token: &Token, outcome: &Outcome) {
    let is_taken = matches!(outcome, Ok(Step::Done(_)));
    assert!(!is_taken || holds_usable(data, token.kid), "by an unusable key: {:?}", token.kid);
}

/// A document from the network is checked in the same way, and never removes the keys at hand.
fn check_learned(data: &[u8], is_good: bool) {
    let mut provider = world::PROVIDER.clone();
    let requirements = Requirements::none();
    let mut flow = world::CLIENT.validate_access_token(&TOKENS[1].text, &requirements);
    let step = flow.resume(&provider, world::NOW, Input::Go).expect("an unknown key");
    let Step::Send(request) = step else { panic!("an unknown key is looked for") };
    let ticket = request.ticket().expect("a shared request");
    let response = Response::new(data.to_vec());
    world::CLIENT.learn(&mut provider, ticket, world::NOW, Ok(response));
    let step = flow.resume(&provider, world::NOW, Input::Go);
    assert!(!matches!(step, Ok(Step::Send(_)) | Err(Error::Misuse(_))));
    assert_eq!(matches!(step, Err(Error::Provider(_) | Error::Response(_))), !is_good);
    let first = validate(&provider, &TOKENS[0]);
    if is_good {
        check(data, &TOKENS[1], &step);
        check(data, &TOKENS[0], &first);
    } else {
        assert!(matches!(first, Ok(Step::Done(_))), "the keys before are lost");
    }
}

/// Whether a set that was accepted has a usable key, with this `kid` if one is given.
fn holds_usable(data: &[u8], kid: Option<&str>) -> bool {
    let set: Value = serde_json::from_slice(data).expect("JSON");
    let keys = set["keys"].as_array().expect("a list");
    let has_name = |key: &&Value| kid.is_none_or(|kid| key["kid"] == kid);
    keys.iter().filter(has_name).any(model::checks_signatures)
}
