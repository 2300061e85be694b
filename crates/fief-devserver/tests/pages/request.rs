//! A request with exactly these headers, `Host` included.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::TcpStream,
};

use fief_devserver::DevServer;
use url::Url;

pub struct Request {
    first_line: String,
    headers: String,
    body: String,
}

pub struct Answer {
    pub status: u16,
    /// As they came, one per line.
    pub headers: String,
    pub body: String,
}

impl Request {
    pub fn get(path: &str) -> Self {
        let first_line = format!("GET {path} HTTP/1.1");
        Self { first_line, headers: String::new(), body: String::new() }
    }

    pub fn post(path: &str, form: &str) -> Self {
        let first_line = format!("POST {path} HTTP/1.1");
        let request = Self { first_line, headers: String::new(), body: form.to_owned() };
        request.header("content-type", "application/x-www-form-urlencoded")
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        write!(self.headers, "{name}: {value}\r\n").unwrap();
        self
    }

    /// Sends it, with the `Host` `localhost:PORT` if none was set.
    pub fn send(self, server: &DevServer) -> Answer {
        let port = Url::parse(server.base_url()).unwrap().port().unwrap();
        let has_host = self.headers.lines().any(|line| line.starts_with("host:"));
        let this = if has_host { self } else { self.header("host", &format!("localhost:{port}")) };
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let Self { first_line, headers, body } = this;
        let length = body.len();
        let request = format!(
            "{first_line}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, headers: head.to_owned(), body: body.to_owned() }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}
