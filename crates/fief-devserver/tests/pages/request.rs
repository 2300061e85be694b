//! A request with whatever headers, `Host` included.

use fief_devserver::DevServer;
use fief_testkit::http;

pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

pub struct Answer {
    pub status: u16,
    /// A line each, names in lower case.
    pub headers: String,
    pub body: String,
}

impl Request {
    pub fn get(path: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), headers: Vec::new(), body: String::new() }
    }

    pub fn post(path: &str, form: &str) -> Self {
        let request = Self { method: "POST", body: form.to_owned(), ..Self::get(path) };
        request.header("content-type", "application/x-www-form-urlencoded")
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it, with the `Host` `localhost:PORT` if none was set.
    pub fn send(self, server: &DevServer) -> Answer {
        let (_, port) = server.base_url().rsplit_once(':').unwrap();
        let here = format!("http://localhost:{port}");
        let body = self.body.as_bytes();
        let answer = http::send(&here, self.method, &self.path, &self.headers, Some(body));
        let headers = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
        Answer { status: answer.status, headers: headers.collect(), body: answer.text() }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}
