//! One visitor: what it has said so far, and what is still to be said to it.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::Shutdown,
    time::{Duration, Instant},
};

use fief_ureq::Secret;
use mio::net::TcpStream;
use zeroize::Zeroizing;

use super::{
    request::{Expected, Verdict, judge},
    response,
};
use crate::pages;

/// The longest head of a request, in bytes. Cookies are shared by all ports of a machine, so a
/// developer's browser brings many.
const LONGEST_HEAD: usize = 64 * 1024;
/// The most that is read of one visitor at a turn, in bytes.
const MOST_READ: usize = 64 * 1024;
const END: &[u8] = b"\r\n\r\n";

pub(super) struct Connection {
    stream: TcpStream,
    since: Instant,
    stage: Stage,
}

enum Stage {
    /// It is still talking.
    Head(Zeroizing<Vec<u8>>),
    /// It gets an answer, of which so many bytes are sent.
    Reply(Vec<u8>, usize),
    /// It has its answer. What it still sends is thrown away: to close on it would take the answer
    /// back.
    Linger,
}

pub(super) enum Progress {
    /// Goes on at the next event.
    Waits,
    /// Has nothing more to say or to hear.
    Over,
    /// This is the query of the callback that is waited for, still without a reply.
    Answered(Secret),
}

impl Connection {
    pub fn new(stream: TcpStream) -> Self {
        let stage = Stage::Head(Zeroizing::new(Vec::with_capacity(4 * 1024)));
        Self { stream, since: Instant::now(), stage }
    }

    pub fn age(&self) -> Duration {
        self.since.elapsed()
    }

    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Reads and writes until it would block.
    pub fn advance(&mut self, expected: &Expected, error_page: &str) -> Progress {
        loop {
            let next = match &mut self.stage {
                Stage::Head(head) => match read_head(&mut self.stream, head) {
                    Io::Blocks => return Progress::Waits,
                    Io::Broken => return Progress::Over,
                    Io::Done => match judge(head, expected) {
                        Verdict::Answer(query) => return Progress::Answered(query),
                        refused => Stage::Reply(refusal(&refused, error_page), 0),
                    },
                },
                Stage::Reply(reply, sent) => match write(&mut self.stream, reply, sent) {
                    Io::Blocks => return Progress::Waits,
                    Io::Broken => return Progress::Over,
                    Io::Done => {
                        let _ = self.stream.shutdown(Shutdown::Write);
                        Stage::Linger
                    }
                },
                Stage::Linger => return discard(&mut self.stream),
            };
            self.stage = next;
        }
    }
}

enum Io {
    Blocks,
    Broken,
    Done,
}

/// Reads until the head is complete, or as long as one may be.
fn read_head(stream: &mut TcpStream, head: &mut Vec<u8>) -> Io {
    let mut part = Zeroizing::new([0; 4 * 1024]);
    loop {
        match stream.read(part.as_mut_slice()) {
            Ok(0) => return Io::Broken,
            Ok(length) => {
                // The end may have begun in the part before.
                let seen = head.len().saturating_sub(END.len() - 1);
                head.extend_from_slice(part.get(..length).unwrap_or_default());
                let new = head.get(seen..).unwrap_or_default();
                if new.windows(END.len()).any(|at| at == END) || head.len() > LONGEST_HEAD {
                    return Io::Done;
                }
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return Io::Blocks,
                ErrorKind::Interrupted => {}
                _ => return Io::Broken,
            },
        }
    }
}

fn refusal(verdict: &Verdict, error_page: &str) -> Vec<u8> {
    match verdict {
        Verdict::Elsewhere => response::html(404, "Not Found", pages::NOT_FOUND),
        _ => response::html(400, "Bad Request", error_page),
    }
}

fn write(stream: &mut TcpStream, reply: &[u8], sent: &mut usize) -> Io {
    loop {
        let rest = reply.get(*sent..).unwrap_or_default();
        if rest.is_empty() {
            return Io::Done;
        }
        match stream.write(rest) {
            Ok(0) => return Io::Broken,
            Ok(length) => *sent += length,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return Io::Blocks,
                ErrorKind::Interrupted => {}
                _ => return Io::Broken,
            },
        }
    }
}

/// Throws away what comes. One who never stops is not waited for: its time runs out.
fn discard(stream: &mut TcpStream) -> Progress {
    let mut part = [0; 4 * 1024];
    let mut read = 0;
    while read < MOST_READ {
        match stream.read(&mut part) {
            Ok(0) => return Progress::Over,
            Ok(length) => read += length,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return Progress::Waits,
                ErrorKind::Interrupted => {}
                _ => return Progress::Over,
            },
        }
    }
    Progress::Waits
}
