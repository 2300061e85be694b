//! Key sets, and all that comes before the first validation of a program.

use std::hint::black_box;

use fief_proto::{Provider, Requirements};
use serde_json::json;

use crate::{
    material::{ISSUER, Signed, bare_key, config, discovery, now},
    measure::{Case, compare},
    validation::validate,
};

pub fn run(rounds: usize) {
    let signed = Signed::rsa_2048();
    for (title, number) in [("read 1 key", 1), ("read 10 keys", 10), ("read 1000 keys", 1_000)] {
        key_set(title, rounds, &signed, number);
    }
    cold_start(rounds, &signed);
}

fn key_set(title: &str, rounds: usize, signed: &Signed, number: usize) {
    let named = |index: usize| {
        let mut jwk = signed.jwk.clone();
        jwk["kid"] = json!(format!("key-{index}"));
        jwk
    };
    let keys: Vec<_> = (0..number).map(named).collect();
    let (keys, discovery) = (json!({ "keys": keys }).to_string(), discovery(ISSUER));
    let client = config().build().unwrap();
    compare(
        title,
        rounds,
        vec![
            Case::new("the keys alone, from their numbers (aws-lc-rs)", || {
                (0..number).for_each(|_| drop(black_box(bare_key(&signed.n, &signed.e))));
            }),
            Case::new("fief-proto, key set and discovery document", || {
                let keys = black_box(keys.as_bytes());
                black_box(Provider::from_documents(&client, &discovery, keys, now()).unwrap());
            }),
        ],
    );
}

fn cold_start(rounds: usize, signed: &Signed) {
    let (keys, discovery, requirements) =
        (signed.key_set(), discovery(ISSUER), Requirements::none());
    let (message, signature) = signed.signed_part();
    compare(
        "from nothing to the first validation",
        rounds,
        vec![
            Case::new("one key, one check of a signature (aws-lc-rs)", || {
                bare_key(&signed.n, &signed.e).verify_sig(message, &signature).unwrap();
            }),
            Case::new("fief-proto: configuration, documents, token", || {
                let client = config().build().unwrap();
                let provider = Provider::from_documents(&client, &discovery, &keys, now()).unwrap();
                black_box(validate(&client, &provider, &signed.access_token, &requirements, now()));
            }),
        ],
    );
}
