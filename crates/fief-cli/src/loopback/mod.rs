//! The listener for the callback, on this machine alone (RFC 8252 section 7.3).
//!
//! Every program on the machine, and every page in a browser, can call it: with garbage, slowly,
//! silently, thousands of times. Each connection (a "visitor" in this module) has a thread with a
//! deadline; when there are too many, the oldest is closed. Only the browser that the user signs in
//! with knows the state: the request that holds it is the answer.

mod request;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use fief_ureq::Secret;
use zeroize::Zeroizing;

pub(crate) use self::request::Expected;
use self::request::{Verdict, judge};
use crate::{Error, pages};

/// How many connections may be open at once.
const MOST_VISITORS: usize = 256;
/// How many threads there may be for them: a thread whose connection was closed takes a moment to
/// end.
const MOST_THREADS: usize = 2 * MOST_VISITORS;
/// How long a connection may last, from its beginning to the end of the answer.
const LONGEST_VISIT: Duration = Duration::from_secs(10);
/// The longest head of a request, in bytes. Cookies are shared by all ports of a machine, so a
/// developer's browser brings many.
const LONGEST_HEAD: usize = 64 * 1024;
/// The stack of a thread, in bytes. It only reads a request.
const STACK: usize = 128 * 1024;
/// The first byte of a TLS handshake (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// Listens on every address that the browser may try. The port is free when this is dropped.
pub(crate) struct Loopback {
    listeners: Vec<TcpListener>,
    visitors: VecDeque<Weak<TcpStream>>,
}

/// What is needed to answer visitors.
pub(crate) struct Reception {
    pub expected: Expected,
    pub error_page: String,
    /// The visitor's thread calls this with the outcome.
    pub tell: Box<dyn Fn(Visit) + Send + Sync>,
}

pub(crate) enum Visit {
    /// The awaited callback.
    Answer(Answer),
    /// A visitor that speaks TLS, which the listener does not.
    Tls,
}

/// The answer to the sign-in. The browser gets its page once the outcome of the sign-in is known.
pub(crate) struct Answer {
    pub query: Secret,
    stream: Arc<TcpStream>,
}

impl Answer {
    pub fn succeed(&self, page: &str) {
        reply(&self.stream, "200 OK", page);
    }

    pub fn fail(&self, page: &str) {
        reply(&self.stream, "400 Bad Request", page);
    }
}

impl Loopback {
    /// Listens on the port of each of the addresses.
    ///
    /// An address that this machine does not have, as `::1` where IPv6 is off, is left out. One
    /// that another program holds is an error: the browser might go there with the code.
    pub fn bind(addresses: &[SocketAddr]) -> Result<Self, Error> {
        let mut listeners = Vec::new();
        let mut absent = Error::RedirectUri("names no address");
        for &address in addresses {
            let bound = TcpListener::bind(address)
                .and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
            match bound {
                Ok(listener) => listeners.push(listener),
                Err(error) => match error.kind() {
                    ErrorKind::AddrInUse => return Err(Error::PortInUse(vec![address])),
                    ErrorKind::PermissionDenied => {
                        return Err(Error::Listen(address, error.into()));
                    }
                    _ => absent = Error::Listen(address, error.into()),
                },
            }
        }
        if listeners.is_empty() {
            Err(absent)
        } else {
            Ok(Self { listeners, visitors: VecDeque::new() })
        }
    }

    /// Accepts the connections that are waiting, without blocking.
    pub fn let_in(&mut self, reception: &Arc<Reception>) {
        for listener in &self.listeners {
            // At most so many at a time, so that an endless stream of connections does not block
            // the caller.
            for _ in 0..MOST_VISITORS {
                if Arc::strong_count(reception) > MOST_THREADS {
                    return;
                }
                match listener.accept() {
                    Ok((stream, _)) => attend_to(&mut self.visitors, stream, reception),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    // The visitor has gone, or the process has no file descriptor left: closing one
                    // helps.
                    Err(_) => send_away_the_oldest(&mut self.visitors),
                }
            }
        }
    }
}

fn attend_to(
    visitors: &mut VecDeque<Weak<TcpStream>>,
    stream: TcpStream,
    reception: &Arc<Reception>,
) {
    visitors.retain(|visitor| visitor.strong_count() > 0);
    if visitors.len() >= MOST_VISITORS {
        send_away_the_oldest(visitors);
    }
    let stream = Arc::new(stream);
    visitors.push_back(Arc::downgrade(&stream));
    let reception = reception.clone();
    let thread = thread::Builder::new().name("fief-callback".to_owned()).stack_size(STACK);
    // Without a thread, the connection is closed: the stream is dropped.
    let _ = thread.spawn(move || receive(stream, &reception));
}

fn send_away_the_oldest(visitors: &mut VecDeque<Weak<TcpStream>>) {
    if let Some(stream) = visitors.pop_front().and_then(|visitor| visitor.upgrade()) {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn receive(stream: Arc<TcpStream>, reception: &Reception) {
    let until = Instant::now() + LONGEST_VISIT;
    // On some systems the connection inherits the listener's mode.
    let Some(head) = stream.set_nonblocking(false).ok().and_then(|()| read_head(&stream, until))
    else {
        return;
    };
    match judge(&head, &reception.expected) {
        Verdict::Answer(query) => (reception.tell)(Visit::Answer(Answer { query, stream })),
        Verdict::Bad if head.first() == Some(&TLS_HANDSHAKE) => (reception.tell)(Visit::Tls),
        Verdict::Bad => refuse(&stream, "400 Bad Request", &reception.error_page, until),
        Verdict::Elsewhere => refuse(&stream, "404 Not Found", pages::NOT_FOUND, until),
    }
}

/// Reads until the head is complete, can't be one, or is as long as allowed. None if the visitor
/// has gone or takes too long.
fn read_head(stream: &TcpStream, until: Instant) -> Option<Zeroizing<Vec<u8>>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut head = Zeroizing::new(Vec::with_capacity(4 * 1024));
    let mut part = Zeroizing::new([0; 4 * 1024]);
    loop {
        let length = read(stream, part.as_mut_slice(), until)?;
        // The end may have begun in the previous read.
        let seen = head.len().saturating_sub(END.len() - 1);
        head.extend_from_slice(part.get(..length)?);
        let is_over = head.get(seen..)?.windows(END.len()).any(|at| at == END);
        if is_over || head.first() == Some(&TLS_HANDSHAKE) || head.len() > LONGEST_HEAD {
            return Some(head);
        }
    }
}

fn read(mut stream: &TcpStream, part: &mut [u8], until: Instant) -> Option<usize> {
    loop {
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        stream.set_read_timeout(Some(left)).ok()?;
        match stream.read(part) {
            Ok(0) => return None,
            Ok(length) => return Some(length),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// Answers, and reads and drops what the visitor still sends: to close the connection with unread
/// bytes would reset it and lose the answer.
fn refuse(stream: &TcpStream, status: &str, page: &str, until: Instant) {
    reply(stream, status, page);
    let mut part = [0; 4 * 1024];
    while read(stream, &mut part, until).is_some() {}
}

/// Sends a page that must not be cached, framed or reported as referrer. Errors are ignored: the
/// terminal tells the user the same.
fn reply(mut stream: &TcpStream, status: &str, page: &str) {
    let length = page.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Length: {length}\r\n\
         Connection: close\r\n\
         Cache-Control: no-store\r\n\
         Cross-Origin-Resource-Policy: same-origin\r\n\
         Referrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         X-Frame-Options: DENY\r\n\
         \r\n\
         {page}"
    );
    let _ = stream
        .set_write_timeout(Some(LONGEST_VISIT))
        .and_then(|()| stream.write_all(answer.as_bytes()))
        .and_then(|()| stream.shutdown(Shutdown::Write));
}
