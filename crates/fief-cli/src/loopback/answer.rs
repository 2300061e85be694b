//! The callback that was waited for, and the browser that still waits for its page.

use std::{
    io::Write as _,
    net::{Shutdown, TcpStream},
    time::Duration,
};

use fief_ureq::Secret;

use super::response;

/// How long the browser may take to fetch its page.
const LONGEST_REPLY: Duration = Duration::from_secs(5);

/// The answer to the sign-in. The browser gets its page when it is known how the sign-in has ended.
pub(crate) struct Answer {
    query: Secret,
    stream: TcpStream,
}

impl Answer {
    pub(super) fn new(query: Secret, stream: TcpStream) -> Self {
        Self { query, stream }
    }

    pub fn query(&self) -> &str {
        self.query.expose()
    }

    pub fn succeed(self, page: &str) {
        self.reply(&response::html(200, "OK", page));
    }

    pub fn fail(self, page: &str) {
        self.reply(&response::html(400, "Bad Request", page));
    }

    /// A browser that has gone misses nothing that the terminal doesn't say.
    fn reply(mut self, reply: &[u8]) {
        let _ = self
            .stream
            .set_nonblocking(false)
            .and_then(|()| self.stream.set_write_timeout(Some(LONGEST_REPLY)))
            .and_then(|()| self.stream.write_all(reply))
            .and_then(|()| self.stream.shutdown(Shutdown::Write));
    }
}
