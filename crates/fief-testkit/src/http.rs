//! HTTP without a library: exactly what a test says is sent.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
};

use crate::PATIENCE;

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body, out of its chunks.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// All values of a header.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as a string.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, if it is.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Opens an address of this machine, and gives all that comes back, head included.
pub fn get(url: &str) -> io::Result<String> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answer = exchange(port(host), request.as_bytes())?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Sends one request on a connection of its own. Headers are sent as they are; the length of a
/// body is added, and the host unless it is among the headers.
pub fn send(
    base_url: &str,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: Option<&[u8]>,
) -> Answer {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
    let host = base_url.strip_prefix("http://").unwrap();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        write!(bytes, "Host: {host}\r\n").unwrap();
    }
    for (name, value) in headers {
        write!(bytes, "{name}: {value}\r\n").unwrap();
    }
    if let Some(body) = body {
        write!(bytes, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    bytes.extend_from_slice(b"Connection: close\r\n\r\n");
    bytes.extend_from_slice(body.unwrap_or_default());
    read(&exchange(port(host), &bytes).unwrap(), method)
}

fn port(host: &str) -> u16 {
    host.rsplit(':').next().unwrap().parse().unwrap()
}

/// What comes back for those bytes until the connection is closed.
pub fn exchange(port: u16, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // A server that has read enough may close before all is sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
        other => drop(other?),
    }
    Ok(answer)
}

/// Reads an answer whose end is the end of the connection.
pub fn read(bytes: &[u8], method: &str) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    let mut answer =
        Answer { status, headers: lines.map(header).collect(), body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunked(&answer.body);
    } else if let Some(length) = answer.header("content-length")
        && method != "HEAD"
    {
        assert_eq!(length, answer.body.len().to_string(), "the announced length");
    }
    answer
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").expect("a chunk");
        let length = usize::from_str_radix(str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 2 + length + 2..];
    }
}
