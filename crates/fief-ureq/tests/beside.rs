//! Keys that are due are fetched in the background: no call waits for them, and one fetch is
//! enough.

#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

use fief_testkit::{clock::Clock, in_time, material};
use fief_ureq::{Endpoint, Fief, Requirements, flow::Request};

#[test]
fn no_call_waits_for_keys_that_are_due() {
    let (answer, awaited) = mpsc::channel::<()>();
    let (asked, clock) = (Arc::new(AtomicUsize::new(0)), Clock::new());
    let (count, awaited) = (Arc::clone(&asked), Mutex::new(awaited));
    let fief = Fief::builder(material::config())
        .clock(clock.reader())
        .transport(move |request: &Request| {
            if request.endpoint() == Endpoint::Keys && count.fetch_add(1, SeqCst) > 0 {
                awaited.lock().unwrap().recv().unwrap();
            }
            Ok::<_, Infallible>(material::document(request.endpoint()))
        })
        .build()
        .unwrap();
    in_time(move || {
        let validate = || {
            let token = material::token("access");
            fief.validate_access_token(&token, &Requirements::none()).unwrap();
        };
        validate();
        clock.advance(601);
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
        clock.advance(601);
        while asked.load(SeqCst) < 3 {
            validate();
        }
        answer.send(()).unwrap();
    });
}
