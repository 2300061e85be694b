//! Whoever drops a call at any of its awaits leaves nothing behind: no task, no connection, no
//! lock, and no answer for the next one to take for its own.
//!
//! A future is dropped after its first poll, another after its second, and so on until one
//! completes: that is every await at which there is something to wait for. What is counted is
//! counted when all is quiet, however long that takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod server;

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use fief_hyper::{Config, Error, Fief, Proxy, Requirements, Roots, TransportOptions};
use serde_json::json;
use server::{Protocol, Server};
use tokio::{runtime::Handle, task::yield_now, time::timeout};

/// Long enough for any machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token of the right form: two documents are fetched for it.
const UNKNOWN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im5vbmUifQ.e30.AAAA";

#[tokio::test]
async fn http1() {
    cancel_all(Protocol::Http1).await;
}

#[tokio::test]
async fn http1_over_tls() {
    cancel_all(Protocol::Http1OverTls).await;
}

#[tokio::test]
async fn http2() {
    cancel_all(Protocol::Http2).await;
}

async fn cancel_all(protocol: Protocol) {
    let server = Server::start(protocol);
    for warm in [false, true] {
        let reads = cancel_each(&server, warm, async |fief| {
            fief.userinfo("dropped").await.map(|user| assert_eq!(user.sub, "dropped"))
        });
        let writes = cancel_each(&server, warm, async |fief| {
            let data = json!({"fields": {}});
            fief.update_profile("dropped", &data).await.map(|user| assert_eq!(user.sub, "dropped"))
        });
        for awaits in [reads.await, writes.await] {
            println!("warm: {warm}; dropped at {awaits} awaits");
            // For the document and for the answer; for the latter alone. There are more, as a rule.
            assert!(awaits >= if warm { 1 } else { 2 }, "{awaits}");
        }
    }
    let awaits = cancel_each(&server, false, async |fief| {
        let outcome = fief.validate_access_token(UNKNOWN, &Requirements::none()).await;
        // There are no keys; one who leaves does not get to know.
        assert_eq!(outcome.unwrap_err().kind(), "provider_invalid");
        Ok(())
    });
    assert!(awaits.await >= 2, "for the document and for the keys");
}

/// Drops the call at each await in turn. Gives how many there were.
async fn cancel_each(
    server: &Server,
    warm: bool,
    call: impl AsyncFn(&Fief) -> Result<(), Error>,
) -> usize {
    for polls in 1.. {
        let before = server.discoveries();
        let fief = client(server);
        if warm {
            fief.userinfo("warm").await.unwrap();
        }
        let completed = match poll_at_most(polls, call(&fief)).await {
            Some(outcome) => {
                outcome.unwrap();
                true
            }
            None => false,
        };

        let next = timeout(PATIENCE, fief.userinfo("next")).await.expect("a lock was left");
        assert_eq!(next.unwrap().sub, "next");
        assert_eq!(server.discoveries() - before, 1, "what was begun was wasted");
        drop(fief);
        timeout(PATIENCE, quiet(server)).await.unwrap_or_else(|_| {
            let tasks = Handle::current().metrics().num_alive_tasks();
            panic!("{tasks} tasks and {} connections are left", server.connections())
        });
        if completed {
            return polls - 1;
        }
    }
    unreachable!("there is no greatest number")
}

/// The future's output, unless it is not there after so many polls: then it is dropped.
async fn poll_at_most<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context: &mut Context<'_>| {
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Until no task of the client's is left on this runtime, and no connection at the server.
async fn quiet(server: &Server) {
    while Handle::current().metrics().num_alive_tasks() > 0 || server.connections() > 0 {
        yield_now().await;
    }
}

fn client(server: &Server) -> Fief {
    let options = TransportOptions {
        proxy: Proxy::None,
        roots: server.root().map_or(Roots::Platform, Roots::Only),
        timeout: Some(PATIENCE),
        ..TransportOptions::default()
    };
    let config = Config::new(server.base_url(), "duchy-app").issuer("https://fief.example");
    Fief::builder(config).transport_options(options).build().unwrap()
}
