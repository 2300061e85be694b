//! A receiver of webhooks.

use std::sync::{
    Mutex,
    mpsc::{Receiver, channel},
};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    PATIENCE,
    server::{self, Server, Then},
};

/// Listens on a free port and keeps what arrives.
pub struct Sink {
    server: Server,
    received: Receiver<Received>,
}

/// A delivery as it arrived.
pub struct Received {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Sink {
    /// Answers with these statuses, then with 200.
    pub fn answering(statuses: Vec<u16>) -> Self {
        let (sender, received) = channel();
        let statuses = Mutex::new(statuses.into_iter());
        let server = Server::start(None, move |turn, stream| {
            assert_eq!(turn.target(), ("POST", "/webhook"));
            let header = |(name, value): (&str, &str)| {
                (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
            };
            let headers = turn.headers().map(header).collect();
            let body = String::from_utf8(turn.body.clone()).unwrap();
            let status = statuses.lock().unwrap().next().unwrap_or(200);
            let _ = stream.write_all(server::status(status, "").as_bytes());
            // The test may have seen enough.
            let _ = sender.send(Received { headers, body });
            Then::Close
        });
        Self { server, received }
    }

    /// Where it wants them.
    pub fn url(&self) -> String {
        format!("{}/webhook", self.server.base())
    }

    /// All deliveries as they come, without end.
    pub fn deliveries(&self) -> impl Iterator<Item = Received> {
        self.received.iter()
    }

    /// The next delivery; waits for it.
    pub fn next(&self) -> Received {
        self.received.recv_timeout(PATIENCE).expect("no delivery came")
    }
}
