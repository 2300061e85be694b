//! The listener for the callback, on this machine alone (RFC 8252 section 7.3).
//!
//! Anybody on the machine, and any page in a browser, can call it: with garbage, slowly, silently,
//! thousands of times. One thread attends to everybody, without ever blocking on one of them; the
//! oldest visitor leaves when a new one finds no room. Only the browser that the user signs in with
//! knows the state, and what comes with it is the answer.

mod answer;
mod connection;
mod listener;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, event::Source as _};

use self::connection::{Connection, Progress};
pub(crate) use self::{answer::Answer, listener::Loopback, request::Expected};
use crate::Error;

/// How many are attended to at once.
const MOST_CONNECTIONS: usize = 256;
/// How many are let in before those who are in get their turn.
const MOST_ACCEPTED: usize = 64;
/// How long one may take to say what it wants.
const LONGEST_CONNECTION: Duration = Duration::from_secs(10);
/// How often the caller is asked whether to go on.
const TICK: Duration = Duration::from_millis(100);

/// Those who have connected, by when they came.
struct Visitors<'a> {
    poll: &'a mut Poll,
    expected: &'a Expected,
    error_page: &'a str,
    connections: BTreeMap<usize, Connection>,
    next: usize,
}

impl Loopback {
    /// Waits for the one request that has the right path, host and state. All others get an error
    /// page, and the wait goes on. The port is free when this returns.
    ///
    /// `tick` is called several times a second; its error ends the wait.
    pub fn wait(
        mut self,
        expected: &Expected,
        error_page: &str,
        until: Instant,
        mut tick: impl FnMut() -> Result<(), Error>,
    ) -> Result<Answer, Error> {
        let mut visitors = Visitors {
            poll: &mut self.poll,
            expected,
            error_page,
            connections: BTreeMap::new(),
            next: self.listeners.len(),
        };
        let mut events = Events::with_capacity(2 * MOST_CONNECTIONS);
        loop {
            tick()?;
            if Instant::now() >= until {
                return Err(Error::TimedOut);
            }
            let mut is_queue_empty = true;
            for listener in &self.listeners {
                match visitors.let_in(listener) {
                    LetIn::Everybody => {}
                    LetIn::AsManyAsMay => is_queue_empty = false,
                    LetIn::Answer(answer) => return Ok(answer),
                }
            }
            visitors.send_away_the_slow();
            let pause = if is_queue_empty { TICK } else { Duration::ZERO };
            match visitors.poll.poll(&mut events, Some(pause)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    return Err(Error::Listen(self.address, error.into()));
                }
                _ => {}
            }
            for event in &events {
                if let Some(answer) = visitors.attend_to(event.token().0) {
                    return Ok(answer);
                }
            }
        }
    }
}

enum LetIn {
    Everybody,
    AsManyAsMay,
    Answer(Answer),
}

impl Visitors<'_> {
    fn let_in(&mut self, listener: &mio::net::TcpListener) -> LetIn {
        for _ in 0..MOST_ACCEPTED {
            match listener.accept() {
                Ok((stream, _)) => {
                    if self.connections.len() >= MOST_CONNECTIONS {
                        self.send_away_the_oldest();
                    }
                    if let Some(answer) = self.welcome(stream) {
                        return LetIn::Answer(answer);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return LetIn::Everybody,
                // Gone again; or the process has no file descriptor left, and one gets free. Where
                // none of them is a visitor's, the next tick tries again.
                Err(_) if self.connections.is_empty() => return LetIn::Everybody,
                Err(_) => self.send_away_the_oldest(),
            }
        }
        LetIn::AsManyAsMay
    }

    fn welcome(&mut self, mut stream: mio::net::TcpStream) -> Option<Answer> {
        let token = self.next;
        self.next += 1;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(token), interest).ok()?;
        self.connections.insert(token, Connection::new(stream));
        // A browser's request is mostly there already: no crowd can push it out.
        self.attend_to(token)
    }

    fn attend_to(&mut self, token: usize) -> Option<Answer> {
        let connection = self.connections.get_mut(&token)?;
        match connection.advance(self.expected, self.error_page) {
            Progress::Waits => None,
            Progress::Over => {
                self.send_away(token);
                None
            }
            Progress::Answered(query) => {
                let mut stream = self.connections.remove(&token)?.into_stream();
                let _ = stream.deregister(self.poll.registry());
                Some(Answer::new(query, stream.into()))
            }
        }
    }

    fn send_away_the_slow(&mut self) {
        while let Some((token, connection)) = self.connections.first_key_value() {
            if connection.age() < LONGEST_CONNECTION {
                return;
            }
            self.send_away(*token);
        }
    }

    fn send_away_the_oldest(&mut self) {
        if let Some((token, _)) = self.connections.first_key_value() {
            self.send_away(*token);
        }
    }

    fn send_away(&mut self, token: usize) {
        if let Some(connection) = self.connections.remove(&token) {
            let _ = connection.into_stream().deregister(self.poll.registry());
        }
    }
}
