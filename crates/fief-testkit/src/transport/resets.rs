//! Connections that the other side resets: an RST, where other tests have a FIN.

use std::{
    io::{self, Read as _},
    sync::{Mutex, mpsc},
};

use fief_proto::Secret;
use fief_transport::{Proxy, Roots, TransportOptions};

use super::{Driver, certificates::Authority, driver, options, refused};
use crate::server::{Server, Then, by_hand, ok, reset};

pub fn after_accept<D: Driver>() {
    let port = by_hand(|tcp| reset(&tcp));
    let reason = refused::<D>(&options(), &format!("http://127.0.0.1:{port}/path"));
    // It may come before the client has noticed the connection.
    assert!(["connect", "io"].contains(&reason), "{reason}");
}

/// The error does not speak of trust: neither side has sent a certificate yet.
pub fn in_the_handshake<D: Driver>() {
    let resetting = by_hand(|mut tcp| {
        // The client has begun.
        let _ = tcp.read_exact(&mut [0]);
        reset(&tcp);
    });
    let closing = by_hand(|mut tcp| {
        let _ = tcp.read_exact(&mut [0]);
        let _ = tcp.shutdown(std::net::Shutdown::Write);
        let _ = io::copy(&mut tcp, &mut io::sink());
    });
    let roots = Roots::Only(Authority::new().pem.into_bytes());
    for port in [resetting, closing] {
        let url = format!("https://localhost:{port}/path");
        let options = TransportOptions { roots: roots.clone(), ..options() };
        assert_eq!(refused::<D>(&options, &url), "connect");
    }
}

pub fn after_the_request<D: Driver>() {
    resets_after::<D>("");
}

pub fn in_the_status_line<D: Driver>() {
    resets_after::<D>("HTTP/1.1 2");
}

pub fn in_the_headers<D: Driver>() {
    resets_after::<D>("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx: ");
}

pub fn in_the_body<D: Driver>() {
    resets_after::<D>("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel");
    resets_after::<D>("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel");
    resets_after::<D>("HTTP/1.1 400 No\r\ncontent-length: 5\r\n\r\nhel");
}

/// Such a body ends when the connection does, but not when it breaks.
pub fn in_a_body_without_length<D: Driver>() {
    resets_after::<D>("HTTP/1.1 200 OK\r\n\r\nhello");
}

fn resets_after<D: Driver>(last_words: &'static str) {
    for method in ["GET", "POST"] {
        let server = Server::start(None, move |_, stream| {
            let _ = stream.write_all(last_words.as_bytes());
            Then::Reset
        });
        let driver = driver::<D>(&options());
        let failure = driver.send(method, &server.url()).unwrap_err();
        assert_eq!(failure.reason, "io", "{last_words}");
        assert!(failure.messages[0].contains(&server.port.to_string()), "{failure:?}");
        assert!(failure.messages.len() > 1, "{failure:?}");
        // A request that only reads may be repeated before there is an answer.
        let again = method == "GET" && !last_words.contains("\r\n\r\n");
        assert_eq!(server.seen().len(), if again { 2 } else { 1 }, "{method} {last_words}");
    }
}

pub fn under_tls<D: Driver>() {
    for last_words in ["", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\n\r\nhello"] {
        assert_eq!(ends_under_tls::<D>(last_words, || Then::Reset), "io", "{last_words}");
    }
}

/// An attacker on the network can cut a connection, but can't send TLS's closing message: without
/// it, a body that ends with the connection is not complete.
pub fn tls_cut_without_notice<D: Driver>() {
    for last_words in ["", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\n\r\nhello"] {
        assert_eq!(ends_under_tls::<D>(last_words, || Then::Close), "io", "{last_words}");
    }
}

fn ends_under_tls<D: Driver>(last_words: &'static str, end: fn() -> Then) -> &'static str {
    let authority = Authority::new();
    let server = Server::start(Some(authority.leaf("localhost").server()), move |_, stream| {
        let _ = stream.write_all(last_words.as_bytes());
        end()
    });
    let roots = Roots::Only(authority.pem.into_bytes());
    let driver = driver::<D>(&TransportOptions { roots, ..options() });
    let failure = driver.send("POST", &server.https()).unwrap_err();
    assert_eq!(server.seen().len(), 1, "sent again: {last_words}");
    failure.reason
}

pub fn kept_and_reset<D: Driver>() {
    let server = Server::start(None, move |turn, stream| {
        if (turn.connection, turn.exchange) == (0, 1) {
            return Then::Reset;
        }
        stream.write_all(ok("hello").as_bytes()).unwrap();
        Then::Keep
    });
    let driver = driver::<D>(&options());
    for _ in 0..2 {
        assert_eq!(driver.send("GET", &server.url()).unwrap().body(), b"hello");
    }
    let turns: Vec<_> = server.seen().iter().map(|turn| (turn.connection, turn.exchange)).collect();
    assert_eq!(turns, [(0, 0), (0, 1), (1, 0)]);
}

/// Every connection is reset once its answer was read. No call fails, whether its request finds the
/// connection closed or was sent already.
pub fn while_idle<D: Driver>() {
    let (was_read, awaited) = mpsc::channel();
    let awaited = Mutex::new(awaited);
    let server = Server::start(None, move |_, stream| {
        stream.write_all(ok("hello").as_bytes()).unwrap();
        awaited.lock().unwrap().recv().unwrap();
        Then::Reset
    });
    let driver = driver::<D>(&options());
    for _ in 0..10 {
        assert_eq!(driver.send("GET", &server.url()).unwrap().body(), b"hello");
        was_read.send(()).unwrap();
    }
    let turns = server.seen();
    assert_eq!(turns.len(), 10);
    assert!(turns.iter().all(|turn| turn.exchange == 0), "{turns:?}");
}

pub fn by_the_proxy<D: Driver>() {
    let proxy = Server::start(None, |_, _| Then::Reset);
    let url = Secret::from(format!("http://127.0.0.1:{}", proxy.port));
    let options = TransportOptions { proxy: Proxy::Url(url), ..options() };
    let failure = driver::<D>(&options).send("POST", "https://fief.invalid/path").unwrap_err();
    assert_eq!((failure.reason, failure.never_sent), ("proxy", true));
    assert_eq!(proxy.seen().len(), 1);
}
