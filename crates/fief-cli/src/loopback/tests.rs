//! Many connections at the port, and the browser's among them.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc::{self, Receiver},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use fief_testkit::free_port;

use super::*;
use crate::redirect::RedirectUri;

const PAGE: &str = "the error page";
const MARK: &str = "MARK-OF-THE-REQUEST";

#[test]
fn everything_but_the_answer_gets_a_page_and_the_wait_goes_on() {
    let sign_in = SignIn::begin();
    let get = sign_in.callback(&format!("code={MARK}&state=wrong"));
    for (request, status, page) in [
        (get.clone(), 400, PAGE),
        (get.replace("&state=wrong", ""), 400, PAGE),
        (get.replace("GET /callback", "GET /favicon.ico"), 404, "Not found"),
        (get.replace("GET", "POST"), 404, "Not found"),
        (get.replace("GET", "OPTIONS"), 404, "Not found"),
        (get.replace("Host: localhost", "Host: rebound.example"), 404, "Not found"),
        (format!("{MARK}\r\n\r\n"), 400, PAGE),
        (format!("GET /{MARK} HTTP/1.1\r\nCookie: {}", "c".repeat(100_000)), 400, PAGE),
        (format!("{get}{}", "a body ".repeat(5_000)), 400, PAGE),
    ] {
        let reply = sign_in.send(&request);
        let line = request.lines().next().unwrap_or_default();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {reply}");
        assert!(reply.contains(page) && !reply.contains(MARK), "{line}: {reply}");
        assert!(reply.contains("Connection: close\r\n") && reply.contains("no-store"), "{reply}");
    }
    let browser = sign_in.browse("code=c&state=right");
    assert_eq!(sign_in.end("you are in"), "code=c&state=right");
    let reply = browser.join().unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n") && reply.ends_with("you are in"), "{reply}");
}

#[test]
fn a_denial_with_the_right_state_is_final_too() {
    let sign_in = SignIn::begin();
    let browser = sign_in.browse("error=access_denied&state=right");
    assert_eq!(sign_in.end(""), "error=access_denied&state=right");
    assert!(browser.join().unwrap().starts_with("HTTP/1.1 200"));
}

#[test]
fn the_port_is_free_before_the_browser_has_its_page() {
    let sign_in = SignIn::begin();
    let port = sign_in.port;
    let browser = sign_in.browse("code=c&state=right");
    let answer = sign_in.wait.join().unwrap();
    assert_free(port);
    answer.succeed("late");
    assert!(browser.join().unwrap().ends_with("late"));
}

#[test]
fn no_crowd_keeps_the_browser_out() {
    // One after the other, because each uses many of the file descriptors that the tests share.
    the_silent_and_the_slow();
    those_who_come_and_go_without_end();
}

fn the_silent_and_the_slow() {
    let sign_in = SignIn::begin();
    let visitors: Vec<TcpStream> = (0..MOST_VISITORS + 50)
        .map(|number| {
            let mut visitor = sign_in.connect();
            // A third of them say nothing, a third a little, a third wait for no answer.
            match number % 3 {
                0 => {}
                1 => visitor.write_all(b"GET /callback?state=ri").unwrap(),
                _ => visitor.write_all(sign_in.callback("state=wrong").as_bytes()).unwrap(),
            }
            visitor
        })
        .collect();
    let browser = sign_in.browse("code=c&state=right");
    assert_eq!(sign_in.end("you are in"), "code=c&state=right");
    assert!(browser.join().unwrap().ends_with("you are in"));
    drop(visitors);
}

fn those_who_come_and_go_without_end() {
    let sign_in = SignIn::begin();
    let is_over = Arc::new(AtomicBool::new(false));
    let crowd: Vec<_> = (0..4)
        .map(|_| {
            let (address, is_over) = (sign_in.address(), is_over.clone());
            thread::spawn(move || {
                let mut held = Vec::new();
                while !is_over.load(SeqCst) {
                    held.extend(TcpStream::connect(address).ok());
                    if held.len() > MOST_VISITORS / 3 {
                        held.clear();
                    }
                }
            })
        })
        .collect();
    let (address, request) = (sign_in.address(), sign_in.callback("code=c&state=right"));
    let browser = thread::spawn(move || {
        loop {
            // On a busy machine, the user may have to load the page again.
            let reply = exchange(TcpStream::connect(address).unwrap(), &request);
            if !reply.is_empty() {
                return reply;
            }
        }
    });
    let outcome = sign_in.end("you are in");
    is_over.store(true, SeqCst);
    assert_eq!(outcome, "code=c&state=right");
    assert!(browser.join().unwrap().ends_with("you are in"));
    for visitor in crowd {
        visitor.join().unwrap();
    }
}

#[test]
fn a_browser_that_speaks_slowly_is_understood() {
    let sign_in = SignIn::begin();
    let mut browser = sign_in.connect();
    browser.set_nodelay(true).unwrap();
    for byte in sign_in.callback("code=c&state=right").bytes() {
        browser.write_all(&[byte]).unwrap();
    }
    assert_eq!(sign_in.end("you are in"), "code=c&state=right");
    assert!(read(browser).ends_with("you are in"));
}

#[test]
fn one_who_speaks_tls_is_sent_away_at_once() {
    let (mut loopback, port) = bind();
    let (reception, visits) = reception(port);
    let begun = Instant::now();
    let mut visitor = TcpStream::connect(("127.0.0.1", port)).unwrap();
    visitor.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap();
    let mut visit = None;
    while visit.is_none() && begun.elapsed() < LONGEST_VISIT {
        loopback.let_in(&reception);
        visit = visits.recv_timeout(Duration::from_millis(1)).ok();
    }
    assert!(matches!(visit, Some(Visit::Tls)), "not only when its time is over");
    assert_eq!(read(visitor), "");
}

#[test]
fn one_who_says_nothing_is_sent_away_in_the_end() {
    let (mut loopback, port) = bind();
    let (reception, _visits) = reception(port);
    let visitor = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut talker = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let talk = thread::spawn(move || while talker.write_all(b"a").is_ok() {});
    let until = Instant::now() + LONGEST_VISIT / 2;
    while Instant::now() < until && loopback.visitors.len() < 2 {
        loopback.let_in(&reception);
    }
    assert_eq!(read(visitor), "");
    talk.join().unwrap();
}

#[test]
fn a_port_that_is_held_on_either_address_is_in_use() {
    for ip in ["127.0.0.1", "[::1]"] {
        let Ok(visitor) = TcpListener::bind(format!("{ip}:0")) else {
            continue; // A machine without IPv6.
        };
        let address = visitor.local_addr().unwrap();
        let uri = format!("http://localhost:{}/callback", address.port());
        let outcome = Loopback::bind(&RedirectUri::parse(&uri).unwrap().addresses(None));
        assert!(matches!(outcome, Err(Error::PortInUse(at)) if at == [address]), "{ip}");
    }
}

#[test]
fn it_listens_on_both_addresses() {
    let sign_in = SignIn::begin();
    let addresses: &[&str] =
        if TcpListener::bind("[::1]:0").is_ok() { &["127.0.0.1", "[::1]"] } else { &["127.0.0.1"] };
    for ip in addresses {
        let stream = TcpStream::connect(format!("{ip}:{}", sign_in.port)).unwrap();
        let reply = exchange(stream, &sign_in.callback("state=wrong"));
        assert!(reply.starts_with("HTTP/1.1 400 "), "{ip}: {reply}");
    }
    let _browser = sign_in.browse("state=right");
    sign_in.end("");
}

/// A sign-in that waits in a thread of its own.
struct SignIn {
    port: u16,
    wait: JoinHandle<Answer>,
}

impl SignIn {
    fn begin() -> Self {
        let (mut loopback, port) = bind();
        let (reception, visits) = reception(port);
        let wait = thread::spawn(move || {
            loop {
                loopback.let_in(&reception);
                if let Ok(Visit::Answer(answer)) = visits.recv_timeout(Duration::from_millis(5)) {
                    return answer;
                }
            }
        });
        Self { port, wait }
    }

    fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    fn callback(&self, query: &str) -> String {
        format!("GET /callback?{query} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", self.port)
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).unwrap()
    }

    fn send(&self, request: &str) -> String {
        exchange(self.connect(), request)
    }

    /// Calls back with this query, in a thread of its own: the page comes at the end.
    fn browse(&self, query: &str) -> JoinHandle<String> {
        let (stream, request) = (self.connect(), self.callback(query));
        thread::spawn(move || exchange(stream, &request))
    }

    fn end(self, page: &str) -> String {
        let answer = self.wait.join().unwrap();
        answer.succeed(page);
        answer.query.expose().to_owned()
    }
}

fn reception(port: u16) -> (Arc<Reception>, Receiver<Visit>) {
    let (tell, visits) = mpsc::channel();
    let expected = Expected {
        host: format!("localhost:{port}"),
        path: "/callback".to_owned(),
        state: "right".into(),
    };
    let tell = Box::new(move |visit| drop(tell.send(visit)));
    (Arc::new(Reception { expected, error_page: PAGE.to_owned(), tell }), visits)
}

/// Listens on a port that was free.
fn bind() -> (Loopback, u16) {
    loop {
        let port = free_port();
        let redirect = RedirectUri::parse(&format!("http://localhost:{port}/callback")).unwrap();
        match Loopback::bind(&redirect.addresses(None)) {
            Err(Error::PortInUse(_)) => {}
            outcome => return (outcome.unwrap(), port),
        }
    }
}

fn assert_free(port: u16) {
    TcpListener::bind(("127.0.0.1", port)).unwrap();
}

fn exchange(mut stream: TcpStream, request: &str) -> String {
    // A visitor that is refused early may find the connection closed while it is still sending.
    let _ = stream.write_all(request.as_bytes());
    read(stream)
}

fn read(mut stream: TcpStream) -> String {
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    String::from_utf8(reply).unwrap()
}
