//! How connections are opened, kept and closed.

use std::time::Duration;

use fief_proto::Endpoint;
use fief_transport::TransportOptions;

use super::{Driver, LIMIT, driver, options, refused, request};
use crate::server::{Server, Then, closed_port, ok};

pub fn userinfo_keeps_its_connection<D: Driver>() {
    let server = keeping();
    let driver = driver::<D>(&options());
    for method in ["GET", "POST", "PATCH", "GET"] {
        driver.send(method, &server.url()).unwrap();
    }
    assert_eq!(turns(&server), [(0, 0), (1, 0), (2, 0), (0, 1)]);
}

/// Otherwise bytes left over could pass for a key set, and a request that must not be repeated
/// could meet a connection that is closing.
pub fn everything_else_is_fresh<D: Driver>() {
    let server = keeping();
    let driver = driver::<D>(&options());
    driver.send("GET", &server.url()).unwrap();
    for (endpoint, method) in [
        (Endpoint::Discovery, "GET"),
        (Endpoint::Keys, "GET"),
        (Endpoint::Token, "POST"),
        (Endpoint::Profile, "PATCH"),
        (Endpoint::Password, "PATCH"),
        (Endpoint::EmailChange, "PATCH"),
        (Endpoint::EmailVerify, "POST"),
        (Endpoint::Keys, "GET"),
        (Endpoint::Token, "POST"),
    ] {
        driver.exchange(endpoint, request(method, &server.url()), LIMIT).unwrap();
    }
    let expected: Vec<_> = (0..10).map(|connection| (connection, 0)).collect();
    assert_eq!(turns(&server), expected);
}

pub fn large_head<D: Driver>() {
    let filler = "x".repeat(16 * 1024);
    let server = Server::answering(format!("HTTP/1.1 200 OK\r\nx: {filler}\r\n\r\nhello"));
    let driver = driver::<D>(&options());
    assert_eq!(driver.send("GET", &server.url()).unwrap().body(), b"hello");
    let filler = "x".repeat(300 * 1024);
    let server = Server::answering(format!("HTTP/1.1 200 OK\r\nx: {filler}\r\n\r\nhello"));
    assert_eq!(refused::<D>(&options(), &server.url()), "invalid_response");
}

pub fn endless_headers<D: Driver>() {
    for header in [b"x: y\r\n".as_slice(), b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", b"x"] {
        let server = Server::start(None, move |_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream.write_all(header).is_ok() {}
            Then::Close
        });
        assert_eq!(refused::<D>(&options(), &server.url()), "invalid_response");
    }
}

pub fn garbage<D: Driver>() {
    for answer in ["garbage\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 two OK\r\n\r\n"] {
        let server = Server::answering(answer);
        assert_eq!(refused::<D>(&options(), &server.url()), "invalid_response", "{answer}");
    }
}

pub fn truncated_head<D: Driver>() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-le");
    assert_eq!(refused::<D>(&options(), &server.url()), "io");
}

pub fn closed_without_an_answer<D: Driver>() {
    // A request that only reads may be repeated.
    for (method, times) in [("GET", 2), ("POST", 1)] {
        let server = Server::answering("");
        let failure = driver::<D>(&options()).send(method, &server.url()).unwrap_err();
        assert_eq!((failure.reason, failure.never_sent), ("io", false));
        assert_eq!(server.seen().len(), times, "{method}");
    }
}

pub fn time_without_end<D: Driver>() {
    let server = keeping();
    let limit = Some(Duration::MAX);
    let options = TransportOptions { connect_timeout: limit, timeout: limit, ..options() };
    let driver = driver::<D>(&options);
    driver.send("GET", &server.url()).unwrap();
}

pub fn refused_connection<D: Driver>() {
    let url = format!("http://127.0.0.1:{}/path", closed_port());
    let failure = driver::<D>(&options()).send("GET", &url).unwrap_err();
    assert_eq!((failure.reason, failure.never_sent), ("connect", true));
    assert!(failure.messages[0].contains("127.0.0.1:"), "{failure:?}");
    assert!(failure.messages.last().unwrap().contains("refused"), "{failure:?}");
}

pub fn unknown_host<D: Driver>() {
    // Too long for a label: refused without asking a resolver.
    let name = format!("{}.invalid", "x".repeat(64));
    let failure = driver::<D>(&options()).send("GET", &format!("http://{name}/path")).unwrap_err();
    assert_eq!(failure.reason, "connect");
    assert!(failure.messages[0].contains(&name) && failure.messages.len() > 1, "{failure:?}");
}

pub fn a_kept_connection_that_has_closed<D: Driver>() {
    breaking_at_the_second::<D>("");
}

pub fn a_kept_connection_that_breaks_in_the_head<D: Driver>() {
    for last_words in ["H", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\ncontent-le", "garbage\r\n\r\n"] {
        breaking_at_the_second::<D>(last_words);
    }
}

fn breaking_at_the_second<D: Driver>(last_words: &'static str) {
    let server = closing_at_the_second(last_words);
    let driver = driver::<D>(&options());
    for _ in 0..2 {
        assert_eq!(driver.send("GET", &server.url()).unwrap().body(), b"hello");
    }
    assert_eq!(turns(&server), [(0, 0), (0, 1), (1, 0)], "{last_words}");
}

pub fn a_fresh_connection_that_closes_too<D: Driver>() {
    let server = Server::start(None, |turn, stream| {
        if (turn.connection, turn.exchange) != (0, 0) {
            return Then::Close;
        }
        stream.write_all(ok("hello").as_bytes()).unwrap();
        Then::Keep
    });
    let driver = driver::<D>(&options());
    driver.send("GET", &server.url()).unwrap();
    let failure = driver.send("GET", &server.url()).unwrap_err();
    assert_eq!(failure.reason, "io");
    assert_eq!(server.seen().len(), 3);
}

pub fn a_body_that_breaks_is_not_asked_for_again<D: Driver>() {
    let server = closing_at_the_second("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel");
    let driver = driver::<D>(&options());
    driver.send("GET", &server.url()).unwrap();
    let failure = driver.send("GET", &server.url()).unwrap_err();
    assert_eq!(failure.reason, "io");
    assert_eq!(server.seen().len(), 2);
}

/// A connection that no longer delivers fails one call only.
pub fn after_a_timeout<D: Driver>() {
    let server = Server::start(None, |turn, stream| {
        if (turn.connection, turn.exchange) != (0, 1) {
            let _ = stream.write_all(ok("hello").as_bytes());
        }
        Then::Keep
    });
    let options = TransportOptions { timeout: Some(Duration::from_secs(1)), ..options() };
    let driver = driver::<D>(&options);
    driver.send("GET", &server.url()).unwrap();
    assert_eq!(driver.send("GET", &server.url()).unwrap_err().reason, "timeout");
    driver.send("GET", &server.url()).unwrap();
    assert_eq!(turns(&server), [(0, 0), (0, 1), (1, 0)]);
}

fn turns(server: &Server) -> Vec<(usize, usize)> {
    server.seen().iter().map(|turn| (turn.connection, turn.exchange)).collect()
}

fn keeping() -> Server {
    Server::start(None, |_, stream| {
        let _ = stream.write_all(ok("hello").as_bytes());
        Then::Keep
    })
}

fn closing_at_the_second(last_words: &'static str) -> Server {
    Server::start(None, move |turn, stream| {
        if (turn.connection, turn.exchange) == (0, 1) {
            let _ = stream.write_all(last_words.as_bytes());
            return Then::Close;
        }
        stream.write_all(ok("hello").as_bytes()).unwrap();
        Then::Keep
    })
}
