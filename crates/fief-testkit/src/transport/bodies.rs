//! How bodies are read.

use std::io::Write as _;

use fief_proto::Endpoint;
use flate2::{Compression, write::GzEncoder};

use super::{Driver, LIMIT, PLANTED, driver, options, refused, request};
use crate::server::{Server, Then, ok};

pub fn plain_body<D: Driver>() {
    let (status, body) = answer::<D>(ok("hello"));
    assert_eq!((status, body.as_slice()), (200, b"hello".as_slice()));
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    assert_eq!(answer::<D>(chunked), (200, b"hello".to_vec()));
    assert_eq!(answer::<D>("HTTP/1.1 200 OK\r\n\r\nto the end"), (200, b"to the end".to_vec()));
    assert_eq!(answer::<D>("HTTP/1.1 204 No Content\r\n\r\n"), (204, Vec::new()));
}

pub fn redirect_is_returned<D: Driver>() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::answering(format!(
            "HTTP/1.1 {status} Away\r\nlocation: /elsewhere\r\ncontent-length: 4\r\n\r\naway"
        ));
        let driver = driver::<D>(&options());
        let response = driver.send("GET", &server.url()).unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["location"], "/elsewhere");
        assert_eq!(response.body(), b"away");
        let response = driver.send("POST", &server.url()).unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(server.seen().len(), 2);
    }
}

pub fn gzip_is_decoded<D: Driver>() {
    let whole = gzip(b"hello, hello");
    let members = [gzip(b"hello, "), gzip(b"hello")].concat();
    for body in [whole, members] {
        let server = Server::answering(encoded("gzip", &body));
        let driver = driver::<D>(&options());
        let response = driver.send("GET", &server.url()).unwrap();
        assert_eq!(response.body(), b"hello, hello");
        assert!(!response.headers().contains_key("content-encoding"));
        assert!(!response.headers().contains_key("content-length"));
        assert_eq!(server.seen()[0].header("accept-encoding"), ["gzip"]);
    }
}

pub fn gzip_bomb_is_capped<D: Driver>() {
    let bomb = gzip(&vec![0; 50 * 1024 * 1024]);
    assert!(bomb.len() < 128 * 1024);
    let (_, body) = answer::<D>(encoded("gzip", &bomb));
    assert_eq!(body.len(), LIMIT + 1);
    assert!(body.capacity() < 4 * LIMIT);
}

pub fn large_body_is_capped<D: Driver>() {
    let server = Server::start(None, |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 1024]).is_ok() {}
        Then::Close
    });
    let driver = driver::<D>(&options());
    let response = driver.send("GET", &server.url()).unwrap();
    assert_eq!(response.body().len(), LIMIT + 1);
}

pub fn limit_itself_is_no_excess<D: Driver>() {
    assert_eq!(answer::<D>(ok(&"x".repeat(LIMIT))).1.len(), LIMIT);
}

pub fn error_body_is_cut<D: Driver>() {
    let body = "x".repeat(100_000);
    for status in [400, 500, 302] {
        let head = format!("HTTP/1.1 {status} No\r\ncontent-length: {}\r\n\r\n", body.len());
        let (seen, body) = answer::<D>(head + &body);
        assert_eq!((seen, body.len()), (status, 8 * 1024));
    }
}

pub fn truncated_body<D: Driver>() {
    assert_eq!(fault::<D>("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello"), "io");
    assert_eq!(fault::<D>("HTTP/1.1 400 No\r\ncontent-length: 9\r\n\r\nhello"), "io");
}

pub fn truncated_chunks<D: Driver>() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(fault::<D>(format!("{head}5\r\nhello\r\n")), "io");
    assert_eq!(fault::<D>(format!("{head}5\r\nhel")), "io");
    assert_eq!(fault::<D>(format!("{head}nonsense\r\n")), "invalid_response");
}

pub fn truncated_gzip<D: Driver>() {
    let whole = gzip(b"hello, hello");
    for length in [1, 5, 12, whole.len() - 1] {
        assert_eq!(fault::<D>(encoded("gzip", &whole[..length])), "invalid_response", "{length}");
    }
    // If the connection ends too early, the fault is another one: `content-length` shows it.
    let mut answer = encoded("gzip", &whole);
    answer.truncate(answer.len() - 3);
    assert_eq!(fault::<D>(answer), "io");
}

pub fn trailing_garbage_after_gzip<D: Driver>() {
    let body = [gzip(b"hello"), b"garbage".to_vec()].concat();
    assert_eq!(fault::<D>(encoded("gzip", &body)), "invalid_response");
    assert_eq!(fault::<D>(encoded("gzip", b"not gzip at all")), "invalid_response");
}

pub fn empty_body_with_an_encoding<D: Driver>() {
    assert_eq!(answer::<D>(encoded("gzip", b"")), (200, Vec::new()));
}

pub fn unknown_encoding<D: Driver>() {
    assert_eq!(fault::<D>(encoded("br", b"hello")), "invalid_response");
    assert_eq!(fault::<D>(encoded("identity, deflate", b"hello")), "invalid_response");
}

pub fn two_encodings<D: Driver>() {
    let twice = gzip(&gzip(b"hello"));
    assert_eq!(fault::<D>(encoded("gzip, gzip", &twice)), "invalid_response");
    assert_eq!(fault::<D>(encoded("gzip\r\ncontent-encoding: gzip", &twice)), "invalid_response");
}

pub fn methods_and_headers<D: Driver>() {
    let server = Server::start(None, |_, stream| {
        stream.write_all(ok("hello").as_bytes()).unwrap();
        Then::Keep
    });
    let driver = driver::<D>(&options());
    for method in ["GET", "POST", "PATCH"] {
        driver.send(method, &server.url()).unwrap();
        let turn = server.seen().pop().unwrap();
        assert_eq!(turn.line(), format!("{method} /path?code={PLANTED} HTTP/1.1"));
        assert_eq!(turn.header("authorization"), [format!("Bearer {PLANTED}")]);
        assert_eq!(turn.header("user-agent"), ["tests"]);
        assert_eq!(turn.header("host"), [format!("127.0.0.1:{}", server.port)]);
        assert_eq!(turn.header("expect"), [""; 0]);
        if method == "GET" {
            assert_eq!(turn.header("content-length"), [""; 0]);
        } else {
            assert_eq!(turn.header("content-length"), ["10"]);
            assert_eq!(turn.body, b"name=value");
        }
        let names = if method == "GET" { 4 } else { 5 };
        assert_eq!(turn.head.lines().count(), 1 + names, "{}", turn.head);
    }
    let mut request = request("POST", &server.url());
    request.body_mut().clear();
    driver.exchange(Endpoint::Token, request, LIMIT).unwrap();
    assert_eq!(server.seen().pop().unwrap().header("content-length"), ["0"]);
}

fn answer<D: Driver>(bytes: impl Into<Vec<u8>>) -> (u16, Vec<u8>) {
    let server = Server::answering(bytes);
    let driver = driver::<D>(&options());
    let response = driver.send("GET", &server.url()).unwrap();
    (response.status().as_u16(), response.into_body())
}

fn fault<D: Driver>(bytes: impl Into<Vec<u8>>) -> &'static str {
    refused::<D>(&options(), &Server::answering(bytes).url())
}

fn encoded(encoding: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
