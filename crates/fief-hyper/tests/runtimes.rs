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

use fief_hyper::{Fief, flow::Request};
use fief_testkit::material::{answer, config};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Notify,
};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
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
            let response = answer(request.endpoint());
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
            ready(Ok::<_, Infallible>(answer(request.endpoint())))
        })
        .build()
        .unwrap();
    let runtime = runtime();
    let error = runtime.block_on(fief.userinfo("token")).unwrap_err();
    assert_eq!((error.kind(), error.reason()), ("transport", Some("io")));
    runtime.block_on(fief.userinfo("token")).unwrap();
}
