//! Keys that are due are fetched in the background: no call waits for them, and one fetch is
//! enough.

#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
};

use fief_hyper::{Config, Endpoint, Fief, Requirements, UnixTime, flow::Request};
use fief_transport_tests::{PATIENCE, documents};
use tokio::{sync::Semaphore, task::yield_now, time::timeout};

#[tokio::test]
async fn no_call_waits_for_keys_that_are_due() {
    let answer = Arc::new(Semaphore::new(1));
    let (asked, age) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicI64::new(0)));
    let (count, clock, awaited) = (Arc::clone(&asked), Arc::clone(&age), Arc::clone(&answer));
    let fief = Fief::builder(Config::new(documents::ISSUER, "duchy-app"))
        .clock(move || UnixTime::from_secs(documents::NOW + clock.load(SeqCst)))
        .transport(move |request: &Request| {
            let (endpoint, awaited) = (request.endpoint(), Arc::clone(&awaited));
            if endpoint == Endpoint::Keys {
                count.fetch_add(1, SeqCst);
            }
            async move {
                if endpoint == Endpoint::Keys {
                    awaited.acquire().await.unwrap().forget();
                }
                Ok::<_, Infallible>(documents::answer(endpoint))
            }
        })
        .build()
        .unwrap();
    let (token, none) = (documents::token("access"), Requirements::none());
    let validate = async || {
        fief.validate_access_token(&token, &none).await.unwrap();
    };
    let work = async {
        validate().await;
        age.store(601, SeqCst);
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
        age.store(2 * 601, SeqCst);
        while asked.load(SeqCst) < 3 {
            validate().await;
            yield_now().await;
        }
    };
    timeout(PATIENCE, work).await.unwrap();
}
