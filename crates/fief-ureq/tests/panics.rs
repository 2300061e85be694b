//! A custom transport may panic, under the lock of a shared fetch too.

#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
};

use fief_ureq::{
    Config, Endpoint, Fief,
    flow::{Request, Response},
};

#[test]
fn a_transport_that_panics_leaves_a_client_that_works() {
    let requests = AtomicUsize::new(0);
    let fief = Fief::builder(Config::new("https://fief.example", "duchy-app"))
        .transport(move |request: &Request| {
            assert!(requests.fetch_add(1, SeqCst) > 0, "a bug of the transport's");
            Ok::<_, Infallible>(answer(request))
        })
        .build()
        .unwrap();
    let caller = fief.clone();
    let call = thread::spawn(move || caller.userinfo("token").map(drop));
    assert!(call.join().is_err(), "the panic is its caller's");
    fief.userinfo("token").unwrap();
}

fn answer(request: &Request) -> Response {
    Response::new(match request.endpoint() {
        Endpoint::Discovery => br#"{
            "issuer": "https://fief.example",
            "authorization_endpoint": "https://fief.example/authorize",
            "token_endpoint": "https://fief.example/api/token",
            "userinfo_endpoint": "https://fief.example/api/userinfo",
            "jwks_uri": "https://fief.example/.well-known/jwks.json"
        }"#
        .to_vec(),
        _ => br#"{"sub": "545e68d4-b831-43cb-9aec-972543716667"}"#.to_vec(),
    })
}
