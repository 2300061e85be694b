//! Each login has its own state, nonce and verifier, although the core has no random numbers. It
//! uses a custom transport.

#![allow(clippy::unwrap_used)]

use std::convert::Infallible;

use fief_ureq::{
    Config, Endpoint, Fief,
    flow::{Request, Response},
};

#[test]
fn no_two_logins_are_alike() {
    let fief = Fief::builder(Config::new("https://fief.example", "duchy-app"))
        .transport(|request: &Request| Ok::<_, Infallible>(discovery(request)))
        .build()
        .unwrap();
    let first = fief.login("http://localhost:8000/callback").unwrap();
    let second = fief.login("http://localhost:8000/callback").unwrap();
    for name in ["state", "nonce", "code_challenge"] {
        let (first, second) = (parameter(&first.url, name), parameter(&second.url, name));
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

fn parameter<'a>(url: &'a str, name: &str) -> &'a str {
    let (_, rest) = url.split_once(&format!("&{name}=")).unwrap();
    rest.split('&').next().unwrap()
}

fn discovery(request: &Request) -> Response {
    assert_eq!(request.endpoint(), Endpoint::Discovery);
    Response::new(
        br#"{
            "issuer": "https://fief.example",
            "authorization_endpoint": "https://fief.example/authorize",
            "token_endpoint": "https://fief.example/api/token",
            "userinfo_endpoint": "https://fief.example/api/userinfo",
            "jwks_uri": "https://fief.example/.well-known/jwks.json"
        }"#
        .to_vec(),
    )
}
