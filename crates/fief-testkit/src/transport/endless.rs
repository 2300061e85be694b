//! Answers without end, and answers a byte at a time.

use std::{io::Write as _, time::Duration};

use fief_transport::TransportOptions;
use flate2::{Compression, write::GzEncoder};

use super::{Driver, LIMIT, driver, options, refused};
use crate::{
    PATIENCE, in_time,
    server::{Server, Stream, Then},
};

pub fn status_line<D: Driver>() {
    assert_eq!(after::<D>("HTTP/1.1 200 ", b"xxxxxxxxxxxxxxxx"), "invalid_response");
}

/// "Continue", again and again.
pub fn interim_answers<D: Driver>() {
    assert_eq!(after::<D>("", b"HTTP/1.1 100 Continue\r\n\r\n"), "invalid_response");
    let hints = b"HTTP/1.1 103 Early Hints\r\nlink: y\r\n\r\n";
    assert_eq!(after::<D>("", hints), "invalid_response");
}

pub fn chunk_extension<D: Driver>() {
    assert_eq!(after::<D>(CHUNKED, b"5;xxxxxxxxxxxxxxxx"), "invalid_response");
}

pub fn trailers<D: Driver>() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n";
    assert_eq!(after::<D>(head, b"x: y\r\n"), "invalid_response");
    assert_eq!(after::<D>(head, b"xxxxxxxx"), "invalid_response");
}

/// Each member of the stream is valid, and empty.
pub fn empty_gzip_members<D: Driver>() {
    let nothing = GzEncoder::new(Vec::new(), Compression::best()).finish().unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n";
    assert_eq!(after::<D>(head, nothing.leak()), "invalid_response");
}

/// What the server says after that head, for ever; and how it ends.
fn after<D: Driver>(head: &'static str, again: &'static [u8]) -> &'static str {
    in_time(move || {
        let server = Server::start(None, move |_, stream| {
            let _ = stream.write_all(head.as_bytes());
            let many = again.repeat(100);
            while stream.write_all(&many).is_ok() {}
            Then::Close
        });
        // A limit that does not end it before its size does.
        let options = TransportOptions { timeout: Some(PATIENCE), ..options() };
        refused::<D>(&options, &server.url())
    })
}

/// No memory is allocated for a body that is only announced.
pub fn huge_content_length<D: Driver>() {
    in_time(|| {
        let server = Server::start(None, |_, stream| {
            let length = u64::MAX;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(&[b'x'; 1024]).is_ok() {}
            Then::Close
        });
        let driver = driver::<D>(&options());
        // Some say at once that no body is of that size.
        match driver.send("GET", &server.url()) {
            Ok(response) => assert_eq!(response.body().len(), LIMIT + 1),
            Err(failure) => assert_eq!(failure.reason, "invalid_response"),
        }
    });
}

/// A correct answer is read, however small its parts are.
pub fn one_byte_at_a_time<D: Driver>() {
    for encoding in ["", "content-encoding: gzip\r\n"] {
        let mut body = GzEncoder::new(Vec::new(), Compression::best());
        body.write_all(b"hello").unwrap();
        let body = if encoding.is_empty() { b"hello".to_vec() } else { body.finish().unwrap() };
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\n{encoding}content-length: {length}\r\n\r\n");
        assert_eq!(dripped::<D>([head.as_bytes(), &body].concat()), b"hello");
    }
}

pub fn one_byte_a_chunk<D: Driver>() {
    let body = "1\r\nh\r\n1\r\ne\r\n01;l\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\nx: y\r\n\r\n";
    assert_eq!(dripped::<D>(format!("{CHUNKED}{body}").into_bytes()), b"hello");
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn dripped<D: Driver>(answer: Vec<u8>) -> Vec<u8> {
    let server = Server::start(None, move |_, stream| {
        drip(&answer, stream);
        Then::Keep
    });
    let driver = driver::<D>(&options());
    for _ in 0..2 {
        driver.send("POST", &server.url()).unwrap();
    }
    driver.send("GET", &server.url()).unwrap().into_body()
}

/// Each byte in a packet of its own, or nearly.
fn drip(answer: &[u8], stream: &mut dyn Stream) {
    for byte in answer.chunks(1) {
        let _ = stream.write_all(byte);
        std::thread::sleep(Duration::from_micros(200));
    }
}
