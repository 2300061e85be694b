//! Each login has its own state, nonce and verifier, although the core has no random numbers. It
//! uses a custom transport.

#![allow(clippy::unwrap_used)]

use std::convert::Infallible;

use fief_testkit::{
    material::{REDIRECT_URI, config, document},
    parameter,
};
use fief_ureq::{Fief, flow::Request};

#[test]
fn no_two_logins_are_alike() {
    let fief = Fief::builder(config())
        .transport(|request: &Request| Ok::<_, Infallible>(document(request.endpoint())))
        .build()
        .unwrap();
    let first = fief.login(REDIRECT_URI).unwrap();
    let second = fief.login(REDIRECT_URI).unwrap();
    for name in ["state", "nonce", "code_challenge"] {
        let [first, second] = [&first, &second].map(|login| parameter(&login.url, name).unwrap());
        assert_eq!(first.len(), 43, "{name}");
        assert_ne!(first, second, "{name}");
    }
}

#[test]
fn no_two_verifiers_or_strings_are_alike() {
    assert!(Fief::pkce().unwrap().verifier() != Fief::pkce().unwrap().verifier());
    assert!(Fief::random_string().unwrap() != Fief::random_string().unwrap());
    assert_eq!(Fief::random_string().unwrap().expose().len(), 43);
}
