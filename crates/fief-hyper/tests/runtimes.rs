//! A shared fetch runs in a task of its own: here the task panics, or its runtime stops.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    convert::Infallible,
    future::{pending, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use fief_hyper::{
    Config, Endpoint, Fief,
    flow::{Request, Response},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Notify,
};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn config() -> Config {
    Config::new("https://fief.example", "duchy-app")
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

#[test]
fn a_runtime_that_ends_takes_no_lock_along() {
    let asked = Arc::new(Notify::new());
    let requests = AtomicUsize::new(0);
    let notify = Arc::clone(&asked);
    let fief = Fief::builder(config())
        .transport(move |request: &Request| {
            // The first request is never answered.
            let is_first = requests.fetch_add(1, SeqCst) == 0;
            let response = answer(request);
            notify.notify_one();
            async move {
                if is_first {
                    pending::<()>().await;
                }
                Ok::<_, Infallible>(response)
            }
        })
        .build()
        .unwrap();

    let first = runtime();
    first.block_on(async {
        tokio::select! {
            outcome = fief.userinfo("token") => panic!("no answer was sent: {outcome:?}"),
            () = asked.notified() => {}
        }
    });
    drop(first);
    runtime().block_on(fief.userinfo("token")).unwrap();
}

#[test]
fn a_transport_that_panics_fails_one_call() {
    let requests = AtomicUsize::new(0);
    let fief = Fief::builder(config())
        .transport(move |request: &Request| {
            assert!(requests.fetch_add(1, SeqCst) > 0, "a bug of the transport's");
            ready(Ok::<_, Infallible>(answer(request)))
        })
        .build()
        .unwrap();
    let runtime = runtime();
    let error = runtime.block_on(fief.userinfo("token")).unwrap_err();
    assert_eq!((error.kind(), error.reason()), ("transport", Some("io")));
    runtime.block_on(fief.userinfo("token")).unwrap();
}
