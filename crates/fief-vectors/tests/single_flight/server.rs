//! A server on the loopback interface that counts requests, and answers when the test allows it.

use std::sync::{
    Arc, Condvar, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use fief_proto::{Config, Endpoint};
use fief_testkit::{
    material::{self, CLIENT_ID, ISSUER},
    server::{self, Stream, Then, ok, status},
};

/// What the server does with a request.
#[derive(Clone, Copy)]
pub enum Answer {
    Cut,
    Document,
    Status(u16),
}

pub struct Server {
    http: server::Server,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Mutex<Answer>,
    held: Mutex<bool>,
    opened: Condvar,
    discoveries: AtomicUsize,
    key_sets: AtomicUsize,
}

/// Keeps the server from answering until it is opened, or dropped.
pub struct Gate(Arc<Shared>);

impl Gate {
    pub fn open(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        *self.0.held.lock().unwrap() = false;
        self.0.opened.notify_all();
    }
}

impl Server {
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            answer: Mutex::new(Answer::Document),
            held: Mutex::new(false),
            opened: Condvar::new(),
            discoveries: AtomicUsize::new(0),
            key_sets: AtomicUsize::new(0),
        });
        let inside = Arc::clone(&shared);
        let http = server::Server::start(None, move |turn, stream| {
            let is_discovery = turn.target().1 == "/.well-known/openid-configuration";
            inside.serve(if is_discovery { Endpoint::Discovery } else { Endpoint::Keys }, stream);
            Then::Close
        });
        Self { http, shared }
    }

    pub fn config(&self) -> Config {
        Config::new(self.http.base(), CLIENT_ID).issuer(ISSUER)
    }

    pub fn answer(&self, answer: Answer) {
        *self.shared.answer.lock().unwrap() = answer;
    }

    pub fn hold(&self) -> Gate {
        *self.shared.held.lock().unwrap() = true;
        Gate(Arc::clone(&self.shared))
    }

    pub fn discoveries(&self) -> usize {
        self.shared.discoveries.load(SeqCst)
    }

    pub fn key_sets(&self) -> usize {
        self.shared.key_sets.load(SeqCst)
    }
}

impl Shared {
    fn serve(&self, asked: Endpoint, stream: &mut dyn Stream) {
        let is_discovery = asked == Endpoint::Discovery;
        let counter = if is_discovery { &self.discoveries } else { &self.key_sets };
        counter.fetch_add(1, SeqCst);
        let gate = self.held.lock().unwrap();
        drop(self.opened.wait_while(gate, |is_held| *is_held).unwrap());
        let answer = match *self.answer.lock().unwrap() {
            Answer::Cut => return,
            Answer::Document => {
                ok(&String::from_utf8(material::document(asked).into_body()).unwrap())
            }
            Answer::Status(number) => status(number, "down"),
        };
        // A client that has left is no matter.
        let _ = stream.write_all(answer.as_bytes());
    }
}
