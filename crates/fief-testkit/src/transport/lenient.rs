//! What HTTP allows a server to send, even if it is rare.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

use super::{Driver, driver, options};
use crate::server::{Server, ok};

/// RFC 9112 section 7.1.1.
pub fn chunk_extensions<D: Driver>() {
    for length in [1, 19, 20, 81, 200, 2_000] {
        let extension = "x".repeat(length);
        reads::<D>(&format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
             3;{extension}\r\nhel\r\n2; a=\"{extension}\"\r\nlo\r\n0;{extension}\r\nx: y\r\n\r\n"
        ));
    }
}

/// RFC 9110 section 8.4.1: those that change nothing, and an old name.
pub fn codings<D: Driver>() {
    for coding in ["", "identity", "none", "Identity, NONE", ","] {
        reads::<D>(
            &ok("hello").replace("\r\n\r\n", &format!("\r\nContent-Encoding: {coding}\r\n\r\n")),
        );
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(b"hello").unwrap();
    let body = encoder.finish().unwrap();
    for coding in ["gzip", "x-gzip", "X-GZip", "identity, gzip", "gzip\r\nContent-Encoding: none"] {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n"
        );
        reads::<D>([head.as_bytes(), &body].concat());
    }
}

pub fn many_fields<D: Driver>() {
    for many in [99, 100, 101, 127, 128, 129, 130, 1_000] {
        let fields: Vec<_> = (0..many).map(|number| format!("x-{number}: y\r\n")).collect();
        let fields = fields.concat();
        reads::<D>(&format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 5\r\n\r\nhello"));
        reads::<D>(&format!(
            "HTTP/1.1 200 OK\r\n{fields}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        ));
    }
}

fn reads<D: Driver>(answer: impl AsRef<[u8]>) {
    let answer = answer.as_ref();
    let server = Server::answering(answer);
    let driver = driver::<D>(&options());
    for method in ["GET", "POST"] {
        let response = driver.send(method, &server.url());
        let said = String::from_utf8_lossy(answer.get(..100).unwrap_or(answer));
        assert_eq!(response.expect(&said).body(), b"hello", "{said}");
    }
}
