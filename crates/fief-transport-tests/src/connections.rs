//! How connections come and go.

use std::time::Duration;

use fief_transport::TransportOptions;

use crate::{
    Driver, LIMIT, options, refused, request,
    server::{Server, Then, closed_port, ok},
};

pub fn connections_are_kept<D: Driver>() {
    let server = keeping();
    let driver = D::new(&options(), true).unwrap();
    for method in ["GET", "POST", "PATCH", "GET"] {
        driver.send(&request(method, &server.url()), LIMIT).unwrap();
    }
    let turns: Vec<_> = server.seen().iter().map(|turn| (turn.connection, turn.exchange)).collect();
    assert_eq!(turns, [(0, 0), (0, 1), (0, 2), (0, 3)]);
}

pub fn large_head<D: Driver>() {
    let filler = "x".repeat(16 * 1024);
    let server = Server::answering(format!("HTTP/1.1 200 OK\r\nx: {filler}\r\n\r\nhello"));
    let driver = D::new(&options(), true).unwrap();
    assert_eq!(driver.send(&request("GET", &server.url()), LIMIT).unwrap().body(), b"hello");
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
    let server = Server::answering("");
    assert_eq!(refused::<D>(&options(), &server.url()), "io");
    assert_eq!(server.seen().len(), 1);
}

pub fn time_without_end<D: Driver>() {
    let server = keeping();
    let limit = Some(Duration::MAX);
    let options = TransportOptions { connect_timeout: limit, timeout: limit, ..options() };
    let driver = D::new(&options, true).unwrap();
    driver.send(&request("GET", &server.url()), LIMIT).unwrap();
}

pub fn refused_connection<D: Driver>() {
    let url = format!("http://127.0.0.1:{}/path", closed_port());
    let failure = D::new(&options(), true).unwrap().send(&request("GET", &url), LIMIT).unwrap_err();
    assert_eq!(failure.reason, "connect");
    assert!(failure.texts[0].contains("127.0.0.1:"), "{failure:?}");
    assert!(failure.texts.last().unwrap().contains("refused"), "{failure:?}");
}

pub fn unknown_host<D: Driver>() {
    // Too long for a label: refused without asking anybody.
    let name = format!("{}.invalid", "x".repeat(64));
    let failure = D::new(&options(), true)
        .unwrap()
        .send(&request("GET", &format!("http://{name}/path")), LIMIT)
        .unwrap_err();
    assert_eq!(failure.reason, "connect");
    assert!(failure.texts[0].contains(&name) && failure.texts.len() > 1, "{failure:?}");
}

pub fn stale_get_is_sent_again<D: Driver>() {
    let server = closing_at_the_second("");
    let driver = D::new(&options(), true).unwrap();
    for _ in 0..2 {
        assert_eq!(driver.send(&request("GET", &server.url()), LIMIT).unwrap().body(), b"hello");
    }
    let turns: Vec<_> = server.seen().iter().map(|turn| (turn.connection, turn.exchange)).collect();
    assert_eq!(turns, [(0, 0), (0, 1), (1, 0)]);
}

pub fn stale_post_is_not<D: Driver>() {
    stale::<D>("POST");
}

pub fn stale_patch_is_not<D: Driver>() {
    stale::<D>("PATCH");
}

fn stale<D: Driver>(method: &str) {
    let server = closing_at_the_second("");
    let driver = D::new(&options(), true).unwrap();
    driver.send(&request("GET", &server.url()), LIMIT).unwrap();
    let failure = driver.send(&request(method, &server.url()), LIMIT).unwrap_err();
    assert_eq!(failure.reason, "io");
    assert_eq!(server.seen().len(), 2);
}

pub fn stale_twice<D: Driver>() {
    let server = Server::start(None, |turn, stream| {
        if (turn.connection, turn.exchange) != (0, 0) {
            return Then::Close;
        }
        stream.write_all(ok("hello").as_bytes()).unwrap();
        Then::Keep
    });
    let driver = D::new(&options(), true).unwrap();
    driver.send(&request("GET", &server.url()), LIMIT).unwrap();
    let failure = driver.send(&request("GET", &server.url()), LIMIT).unwrap_err();
    assert_eq!(failure.reason, "io");
    assert_eq!(server.seen().len(), 3);
}

pub fn half_an_answer_is_not_stale<D: Driver>() {
    let server = closing_at_the_second("HTTP/1.1 2");
    let driver = D::new(&options(), true).unwrap();
    driver.send(&request("GET", &server.url()), LIMIT).unwrap();
    let failure = driver.send(&request("GET", &server.url()), LIMIT).unwrap_err();
    assert_eq!(failure.reason, "io");
    assert_eq!(server.seen().len(), 2);
}

/// What comes after an answer is not the answer to the next request.
pub fn surplus_answer<D: Driver>() {
    for method in ["GET", "POST"] {
        let server = Server::start(None, |turn, stream| {
            let own = ok(if turn.connection == 0 { "first" } else { "own" });
            let _ = stream.write_all([own, ok("forged")].concat().as_bytes());
            Then::Keep
        });
        let driver = D::new(&options(), true).unwrap();
        let first = driver.send(&request("GET", &server.url()), LIMIT).unwrap();
        assert_eq!(first.body(), b"first");
        match driver.send(&request(method, &server.url()), LIMIT) {
            Ok(response) => assert_eq!(response.body(), b"own"),
            // Whoever notices late can't send it again.
            Err(failure) => assert_eq!((failure.reason, method), ("io", "POST")),
        }
    }
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
