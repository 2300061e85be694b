//! A call that is dropped at any of its awaits leaves nothing behind: no task, no connection, no
//! lock, and no answer that the next call could mistake for its own.
//!
//! A future is dropped after its first poll, another after its second, and so on until one
//! completes: that is every await at which there is something to wait for. What is counted is
//! counted when all is quiet, however long that takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod server;

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
};

use fief_hyper::{Config, Error, Fief, Provider, Proxy, Requirements, Roots, TransportOptions};
use fief_testkit::{
    PATIENCE,
    material::{CLIENT_ID, ISSUER, NOW, token},
};
use serde_json::json;
use server::{Protocol, Server};
use tokio::{runtime::Handle, task::yield_now, time::timeout};

/// What a client has when the call begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Start {
    /// Nothing.
    Cold,
    /// The documents, and no connection.
    Informed,
    /// Both.
    Warm,
}

#[tokio::test]
async fn http1() {
    cancel_all(Protocol::Http1).await;
}

#[tokio::test]
async fn http1_over_tls() {
    cancel_all(Protocol::Http1OverTls).await;
}

#[tokio::test]
async fn http1_in_a_tunnel() {
    cancel_all(Protocol::Http1InTunnel).await;
}

async fn cancel_all(protocol: Protocol) {
    let server = Server::start(protocol);
    for start in [Start::Cold, Start::Informed, Start::Warm] {
        let reads = cancel_each(&server, start, async |fief| {
            fief.userinfo("dropped").await.map(|user| assert_eq!(user.sub, "dropped"))
        });
        let writes = cancel_each(&server, start, async |fief| {
            let data = json!({"fields": {}});
            fief.update_profile("dropped", &data).await.map(|user| assert_eq!(user.sub, "dropped"))
        });
        let refreshes = cancel_each(&server, start, async |fief| {
            let (tokens, _) = fief.auth_refresh_token("dropped").await?;
            assert_eq!(tokens.access_token.expose(), "opaque");
            Ok(())
        });
        for awaits in [reads.await, writes.await, refreshes.await] {
            println!("{start:?}: dropped at {awaits} awaits");
            // For the document or a connection, and for the answer; for the latter alone. There
            // are more, as a rule.
            assert!(awaits >= if start == Start::Warm { 1 } else { 2 }, "{awaits}");
        }
    }
    let access = token("access");
    let awaits = cancel_each(&server, Start::Cold, async |fief| {
        fief.validate_access_token(&access, &Requirements::none()).await.map(drop)
    });
    assert!(awaits.await >= 2, "for the document and for the keys");
    leave_while_waiting(&server).await;
}

/// Drops the call at each await in turn. Returns how many there were.
async fn cancel_each(
    server: &Server,
    start: Start,
    call: impl AsyncFn(&Fief) -> Result<(), Error>,
) -> usize {
    let provider = informed(server).await;
    for polls in 1.. {
        let (discoveries, refreshes) = (server.discoveries(), server.refreshes());
        let provider = if start == Start::Cold { Provider::default() } else { provider.clone() };
        let fief = client(server, provider);
        if start == Start::Warm {
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
        let fetched = server.discoveries() - discoveries;
        assert_eq!(fetched, usize::from(start == Start::Cold), "what was begun was wasted");
        drop(fief);
        settle(server).await;
        // The server accepts a refresh token once.
        assert!(server.refreshes() - refreshes <= 1, "sent again");
        if completed {
            return polls - 1;
        }
    }
    unreachable!("there is no greatest number")
}

/// Dropping a call that waits for the fetch of another does no harm.
async fn leave_while_waiting(server: &Server) {
    for lock_is_handed_over in [false, true] {
        let discoveries = server.discoveries();
        let fief = client(server, Provider::default());
        let mut fetching = Box::pin(fief.userinfo("fetching"));
        let mut waiting = Some(Box::pin(fief.userinfo("waiting")));
        assert!(poll_at_most(1, &mut fetching).await.is_none());
        assert!(poll_at_most(1, waiting.as_mut().unwrap()).await.is_none());
        if !lock_is_handed_over {
            waiting = None;
        }
        let fetched = timeout(PATIENCE, fetching).await.expect("a lock was left");
        assert_eq!(fetched.unwrap().sub, "fetching");
        drop(waiting);

        // It takes the lock, for the keys.
        let (access, none) = (token("access"), Requirements::none());
        let next = timeout(PATIENCE, fief.validate_access_token(&access, &none)).await;
        next.expect("a lock was left").unwrap();
        assert_eq!(server.discoveries() - discoveries, 1);
        drop(fief);
        settle(server).await;
    }
}

/// What a client knows that has fetched both documents.
async fn informed(server: &Server) -> Provider {
    let fief = client(server, Provider::default());
    fief.validate_access_token(&token("access"), &Requirements::none()).await.unwrap();
    let provider = fief.provider();
    drop(fief);
    settle(server).await;
    provider
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
async fn settle(server: &Server) {
    let quiet = async {
        while Handle::current().metrics().num_alive_tasks() > 0 || server.connections() > 0 {
            yield_now().await;
        }
    };
    timeout(PATIENCE, quiet).await.unwrap_or_else(|_| {
        let tasks = Handle::current().metrics().num_alive_tasks();
        panic!("{tasks} tasks and {} connections are left", server.connections())
    });
}

fn client(server: &Server, provider: Provider) -> Fief {
    let proxy = server.proxy().map_or(Proxy::None, |url| Proxy::Url(url.into()));
    let options = TransportOptions {
        proxy,
        roots: server.root().map_or(Roots::Platform, Roots::Only),
        timeout: Some(PATIENCE),
        ..TransportOptions::default()
    };
    let config = Config::new(server.base_url(), CLIENT_ID).issuer(ISSUER);
    let builder = Fief::builder(config).transport_options(options).clock(|| NOW);
    builder.provider(provider).build().unwrap()
}
