//! A custom transport may panic, under the lock of a shared fetch too.

#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
};

use fief_testkit::material::{answer, config};
use fief_ureq::{Fief, flow::Request};

#[test]
fn a_transport_that_panics_leaves_a_client_that_works() {
    let requests = AtomicUsize::new(0);
    let fief = Fief::builder(config())
        .transport(move |request: &Request| {
            assert!(requests.fetch_add(1, SeqCst) > 0, "a bug of the transport's");
            Ok::<_, Infallible>(answer(request.endpoint()))
        })
        .build()
        .unwrap();
    let caller = fief.clone();
    let call = thread::spawn(move || caller.userinfo("token").map(drop));
    assert!(call.join().is_err(), "the panic is its caller's");
    fief.userinfo("token").unwrap();
}
