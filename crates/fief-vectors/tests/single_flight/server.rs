//! A server on the loopback interface that counts requests, and answers when the test allows it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use fief_proto::Config;

/// What the server does with a request.
#[derive(Clone, Copy)]
pub enum Answer {
    Cut,
    Document,
    Status(u16),
}

pub struct Server {
    address: SocketAddr,
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
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer: Mutex::new(Answer::Document),
            held: Mutex::new(false),
            opened: Condvar::new(),
            discoveries: AtomicUsize::new(0),
            key_sets: AtomicUsize::new(0),
        });
        let server = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(stream));
            }
        });
        server
    }

    pub fn config(&self) -> Config {
        Config::new(format!("http://{}", self.address), "duchy-app").issuer("https://fief.example")
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
    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let is_discovery = head.starts_with("GET /.well-known/openid-configuration ");
        let counter = if is_discovery { &self.discoveries } else { &self.key_sets };
        counter.fetch_add(1, SeqCst);
        let gate = self.held.lock().unwrap();
        drop(self.opened.wait_while(gate, |is_held| *is_held).unwrap());
        let (status, body) = match *self.answer.lock().unwrap() {
            Answer::Cut => return,
            Answer::Document if is_discovery => (200, discovery()),
            Answer::Document => (200, key_set()),
            Answer::Status(status) => (status, "down".to_owned()),
        };
        // A client may leave at any time.
        let _ = write!(
            stream,
            "HTTP/1.1 {status} Whatever\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
    }
}

fn discovery() -> String {
    let endpoint = |path: &str| format!("https://fief.example{path}");
    serde_json::json!({
        "issuer": "https://fief.example",
        "authorization_endpoint": endpoint("/authorize"),
        "token_endpoint": endpoint("/api/token"),
        "userinfo_endpoint": endpoint("/api/userinfo"),
        "jwks_uri": endpoint("/.well-known/jwks.json"),
    })
    .to_string()
}

fn key_set() -> String {
    let keys = include_str!("../../material/keys.json");
    let keys: serde_json::Value = serde_json::from_str(keys).unwrap();
    serde_json::json!({ "keys": [keys["jwk_first"]] }).to_string()
}
