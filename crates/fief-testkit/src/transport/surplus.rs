//! A server that sends more than it was asked for. The surplus must not become the answer to
//! another request.

use std::{
    fs,
    sync::{Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use fief_transport::{Roots, TransportOptions};

use super::{Driver, certificates::Authority, driver, options};
use crate::{
    PATIENCE,
    server::{Server, Then, Tls, ok},
};

/// In one write with the answer, so that it ends up in any buffer of the client.
pub fn at_once<D: Driver>() {
    for_tcp_and_tls(|tls, options| {
        for padding in [0, 100, 3_500, 4_000, 8_000, 20_000, 60_000] {
            let server = Server::start(tls.clone(), move |turn, stream| {
                let answer = if turn.connection == 0 {
                    [ok(&"x".repeat(padding)), ok("forged")].concat()
                } else {
                    ok("own")
                };
                let _ = stream.write_all(answer.as_bytes());
                Then::Keep
            });
            let driver = driver::<D>(options);
            let url = url(&server, tls.is_some());
            assert_eq!(driver.send("GET", &url).unwrap().body().len(), padding);
            assert_eq!(driver.send("GET", &url).unwrap().body(), b"own", "{padding}");
            assert_eq!(server.seen().pop().unwrap().connection, 1);
        }
    });
}

/// After the answer was read, and before the next request.
pub fn later<D: Driver>() {
    after_the_answer::<D>(&ok("forged"));
}

pub fn half_an_answer<D: Driver>() {
    after_the_answer::<D>("HTTP/1.1 200 OK\r\ncontent-");
}

fn after_the_answer<D: Driver>(surplus: &str) {
    for_tcp_and_tls(|tls, options| {
        let (was_read, awaited) = mpsc::channel();
        let (sender, was_sent) = mpsc::channel();
        let (awaited, sender) = (Mutex::new(awaited), Mutex::new(sender));
        let surplus = surplus.to_owned();
        let server = Server::start(tls.clone(), move |turn, stream| {
            stream.write_all(ok("own").as_bytes()).unwrap();
            if turn.connection == 0 {
                awaited.lock().unwrap().recv().unwrap();
                stream.write_all(surplus.as_bytes()).unwrap();
                sender.lock().unwrap().send(()).unwrap();
            }
            Then::Keep
        });
        let driver = driver::<D>(options);
        let url = url(&server, tls.is_some());
        driver.send("GET", &url).unwrap();
        was_read.send(()).unwrap();
        was_sent.recv().unwrap();
        wait_for_arrival(server.port);
        assert_eq!(driver.send("GET", &url).unwrap().body(), b"own");
        assert_eq!(server.seen().pop().unwrap().connection, 1);
    });
}

/// Waits until what a server has sent has arrived in the sockets of its clients: that may be a
/// moment after the sending call has returned.
fn wait_for_arrival(port: u16) {
    if !cfg!(target_os = "linux") {
        return thread::sleep(Duration::from_millis(500));
    }
    let has_arrived = || {
        let sockets = fs::read_to_string("/proc/net/tcp").unwrap();
        sockets.lines().any(|socket| {
            let fields: Vec<_> = socket.split_whitespace().collect();
            fields[2].ends_with(&format!(":{port:04X}")) && !fields[4].ends_with(":00000000")
        })
    };
    let began = Instant::now();
    while !has_arrived() {
        assert!(began.elapsed() < PATIENCE, "it never comes");
        thread::yield_now();
    }
}

fn for_tcp_and_tls(test: impl Fn(Option<Tls>, &TransportOptions)) {
    test(None, &options());
    let authority = Authority::new();
    let roots = Roots::Only(authority.pem.clone().into_bytes());
    test(Some(authority.leaf("localhost").server()), &TransportOptions { roots, ..options() });
}

fn url(server: &Server, tls: bool) -> String {
    if tls { server.https() } else { server.url() }
}
