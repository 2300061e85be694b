//! Keys that are due are fetched in the background: no call waits for them, and one fetch is
//! enough.

#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use fief_hyper::{Endpoint, Fief, Requirements, flow::Request};
use fief_testkit::{PATIENCE, clock::Clock, material};
use tokio::{sync::Semaphore, task::yield_now, time::timeout};

#[tokio::test]
async fn no_call_waits_for_keys_that_are_due() {
    let answer = Arc::new(Semaphore::new(1));
    let (asked, clock) = (Arc::new(AtomicUsize::new(0)), Clock::new());
    let (count, awaited) = (Arc::clone(&asked), Arc::clone(&answer));
    let fief = Fief::builder(material::config())
        .clock(clock.reader())
        .transport(move |request: &Request| {
            let (endpoint, awaited) = (request.endpoint(), Arc::clone(&awaited));
            if endpoint == Endpoint::Keys {
                count.fetch_add(1, SeqCst);
            }
            async move {
                if endpoint == Endpoint::Keys {
                    awaited.acquire().await.unwrap().forget();
                }
                Ok::<_, Infallible>(material::document(endpoint))
            }
        })
        .build()
        .unwrap();
    let (token, none) = (material::token("access"), Requirements::none());
    let validate = async || {
        fief.validate_access_token(&token, &none).await.unwrap();
    };
    let work = async {
        validate().await;
        clock.advance(601);
        for _ in 0..8 {
            validate().await;
        }
        while asked.load(SeqCst) < 2 {
            yield_now().await;
        }
        for _ in 0..8 {
            validate().await;
        }
        assert_eq!(asked.load(SeqCst), 2, "one fetch is enough");

        // When it has ended, the next one is free to begin.
        let known = || format!("{:?}", fief.provider());
        let before = known();
        answer.add_permits(1);
        while known() == before {
            yield_now().await;
        }
        clock.advance(601);
        while asked.load(SeqCst) < 3 {
            validate().await;
            yield_now().await;
        }
    };
    timeout(PATIENCE, work).await.unwrap();
}
