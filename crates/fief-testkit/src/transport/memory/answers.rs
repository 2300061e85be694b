//! Answers that would fill the memory of a careless client.

use std::{io::Write as _, sync::LazyLock, thread, time::Duration};

use flate2::{Compression, write::GzEncoder};

use super::Operation::{self, Discovery, Keys, Userinfo};
use crate::{
    PATIENCE, material,
    server::{Stream, ok},
};

pub(super) struct Answer {
    pub name: &'static str,
    pub operation: Operation,
    /// Sends the answer, until it ends or the client closes the connection.
    pub say: Say,
    pub timeout: Duration,
    pub outcome: &'static str,
}

type Say = Box<dyn Fn(&mut dyn Stream) + Send + Sync>;

pub(super) fn all() -> Vec<Answer> {
    let mut all = vec![whole("good", Userinfo, "ok", || good(Userinfo))];
    all.extend(of_no_use());
    all.extend(too_large());
    all.extend(too_slow());
    all.extend(dense());
    all
}

pub(super) fn good(operation: Operation) -> String {
    match operation {
        Discovery => String::from_utf8(material::discovery()).unwrap(),
        Keys => r#"{"keys": []}"#.to_owned(),
        Userinfo => r#"{"sub": "anne"}"#.to_owned(),
    }
}

fn of_no_use() -> Vec<Answer> {
    let outcome = "transport invalid_response";
    let endless = |name, head, again| endless(name, Userinfo, outcome, head, again, 9999);
    let last = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n";
    vec![
        endless("endless chunk extension", CHUNKED, "1;xxxxxxx"),
        endless("endless trailers", last, "x: y\r\n"),
        endless("endless header", "HTTP/1.1 200 OK\r\nx: ", "yyyyyyyy"),
        endless("endless headers", "HTTP/1.1 200 OK\r\n", "x: y\r\n"),
        endless("endless status line", "HTTP/1.1 200 ", "xxxxxxxx"),
        endless("endless interim answers", "", "HTTP/1.1 100 Continue\r\n\r\n"),
    ]
}

fn too_large() -> Vec<Answer> {
    let (large, document) = ("response too_large", "response too_large");
    let tebibyte = "HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n";
    let error = "HTTP/1.1 500 No\r\n\r\n";
    let redirect = "HTTP/1.1 302 Away\r\nlocation: /\r\n\r\n";
    vec![
        endless("endless body", Userinfo, large, PLAIN, "x", 65536),
        endless("body of 1 TiB", Userinfo, large, tebibyte, "x", 65536),
        endless("endless error", Userinfo, "refused status", error, "x", 65536),
        endless("endless redirect", Userinfo, "refused redirect", redirect, "x", 65536),
        endless("endless discovery document", Discovery, document, PLAIN, "x", 65536),
        endless("the same, byte by byte", Discovery, document, PLAIN, "x", 1),
        endless("the same, a byte a chunk", Discovery, document, CHUNKED, "1\r\nx\r\n", 999),
        endless("endless key set", Keys, document, PLAIN, "x", 65536),
        bomb("gzip bomb of 1 GiB", Userinfo, large),
        bomb("gzip bomb as an error", Userinfo, "refused status"),
        bomb("gzip bomb as a discovery document", Discovery, document),
        bomb("gzip bomb as a key set", Keys, document),
    ]
}

fn too_slow() -> Vec<Answer> {
    // The encoding begins with a name, which begins.
    let gzip = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\xff";
    vec![
        dripping("dripping head", b"HTTP/1.1 200 OK\r\nx: "),
        dripping("dripping body", PLAIN.as_bytes()),
        dripping("dripping gzip", gzip),
    ]
}

/// As large as an answer may be, and larger once it is parsed.
fn dense() -> Vec<Answer> {
    /// The greatest body of an answer, and of a shared document.
    const ANSWER: usize = 1024 * 1024;
    const DOCUMENT: usize = 512 * 1024;

    let user = |name, outcome, begin, again, end| {
        whole(name, Userinfo, outcome, move || {
            filled(&format!("{{\"sub\":\"anne\",\"a\":{begin}"), again, end, ANSWER)
        })
    };
    vec![
        user("longest string", "ok", "\"", "x", "\"}"),
        user("longest array", "ok", "[0", ",0", "]}"),
        user("longest array of arrays", "ok", "[[]", ",[]", "]}"),
        user("deepest nesting", "response not_json", "", "[", ""),
        whole("most members", Userinfo, "ok", || members("{\"sub\":\"anne\"", ANSWER)),
        whole("most members of a discovery document", Discovery, "ok", || {
            members(good(Discovery).trim_end_matches('}'), DOCUMENT)
        }),
        whole("most keys", Keys, "provider_invalid no_usable_key", || {
            filled("{\"keys\":[{}", ",{}", "]}", DOCUMENT)
        }),
    ]
}

const PLAIN: &str = "HTTP/1.1 200 OK\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// This head, and then so many of these at a time.
fn endless(
    name: &'static str,
    operation: Operation,
    outcome: &'static str,
    head: &'static str,
    again: &'static str,
    times: usize,
) -> Answer {
    let say = move |stream: &mut dyn Stream| {
        let again = again.repeat(times);
        let _ = stream.write_all(head.as_bytes());
        while stream.write_all(again.as_bytes()).is_ok() {}
    };
    Answer { name, operation, say: Box::new(say), timeout: PATIENCE, outcome }
}

fn bomb(name: &'static str, operation: Operation, outcome: &'static str) -> Answer {
    let status = if outcome == "refused status" { "400 No" } else { "200 OK" };
    let say = move |stream: &mut dyn Stream| {
        let head = format!("HTTP/1.1 {status}\r\ncontent-encoding: gzip\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        for _ in 0..64 {
            let _ = stream.write_all(&BOMB);
        }
    };
    Answer { name, operation, say: Box::new(say), timeout: PATIENCE, outcome }
}

/// 16 MiB of nothing; gzip streams may follow each other.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 16 * 1024 * 1024]).unwrap();
    encoder.finish().unwrap()
});

fn dripping(name: &'static str, head: &'static [u8]) -> Answer {
    let say = move |stream: &mut dyn Stream| {
        let _ = stream.write_all(head);
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    };
    let (operation, timeout) = (Userinfo, Duration::from_secs(1));
    Answer { name, operation, say: Box::new(say), timeout, outcome: "transport timeout" }
}

fn whole(
    name: &'static str,
    operation: Operation,
    outcome: &'static str,
    body: impl Fn() -> String + Send + Sync + 'static,
) -> Answer {
    let say = move |stream: &mut dyn Stream| {
        let _ = stream.write_all(ok(&body()).as_bytes());
    };
    Answer { name, operation, say: Box::new(say), timeout: PATIENCE, outcome }
}

/// As often between the two as the size allows.
fn filled(begin: &str, again: &str, end: &str, size: usize) -> String {
    let times = (size - begin.len() - end.len()) / again.len();
    [begin, &again.repeat(times), end].concat()
}

/// An object with as many members as the size allows, each of another name.
fn members(begin: &str, size: usize) -> String {
    let mut object = begin.to_owned();
    for number in 0.. {
        let member = format!(",\"{number:x}\":0");
        if object.len() + member.len() >= size {
            break;
        }
        object.push_str(&member);
    }
    object + "}"
}
