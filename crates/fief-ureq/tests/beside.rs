//! Keys that are due are fetched in the background: no call waits for them, and one fetch is
//! enough.

#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

use fief_transport_tests::{documents, in_time};
use fief_ureq::{Config, Endpoint, Fief, Requirements, UnixTime, flow::Request};

#[test]
fn no_call_waits_for_keys_that_are_due() {
    let (answer, awaited) = mpsc::channel::<()>();
    let (asked, age) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicI64::new(0)));
    let (count, clock, awaited) = (Arc::clone(&asked), Arc::clone(&age), Mutex::new(awaited));
    let fief = Fief::builder(Config::new(documents::ISSUER, "duchy-app"))
        .clock(move || UnixTime::from_secs(documents::NOW + clock.load(SeqCst)))
        .transport(move |request: &Request| {
            if request.endpoint() == Endpoint::Keys && count.fetch_add(1, SeqCst) > 0 {
                awaited.lock().unwrap().recv().unwrap();
            }
            Ok::<_, Infallible>(documents::answer(request.endpoint()))
        })
        .build()
        .unwrap();
    in_time(move || {
        let validate = || {
            let token = documents::token("access");
            fief.validate_access_token(&token, &Requirements::none()).unwrap();
        };
        validate();
        age.store(601, SeqCst);
        (0..8).for_each(|_| validate());
        while asked.load(SeqCst) < 2 {
            thread::yield_now();
        }
        (0..8).for_each(|_| validate());
        assert_eq!(asked.load(SeqCst), 2, "one fetch is enough");

        // When it has ended, the next one is free to begin.
        let known = || format!("{:?}", fief.provider());
        let before = known();
        answer.send(()).unwrap();
        while known() == before {
            thread::yield_now();
        }
        age.store(2 * 601, SeqCst);
        while asked.load(SeqCst) < 3 {
            validate();
        }
        answer.send(()).unwrap();
    });
}
