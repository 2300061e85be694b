//! An open connection.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use fief_transport::internals::{MAX_ANSWER, MAX_HEAD, failure, wipe};
use rustls::{ClientConnection, StreamOwned};
use ureq::{
    Error,
    config::Config,
    unversioned::transport::{
        Buffers, LazyBuffers, NextTimeout, Transport, time::Duration as Allowance,
    },
};

use crate::answer::{Framing, Head};

/// Most answers come in one read of this size.
const STRETCH: usize = 4 * 1024;

/// A connection as ureq uses it. Answers for which ureq is too strict are simplified before it
/// reads them: see [`Head`] and [`Framing`].
pub(crate) struct Connection {
    stream: Stream,
    buffers: LazyBuffers,
    host: String,
    /// The beginning of the answer, until its head is complete.
    head: Vec<u8>,
    filled: usize,
    /// How the body is framed, once the head is complete.
    framing: Option<Framing>,
    /// How many bytes have come since the request was sent.
    received: usize,
}

impl Connection {
    pub fn new(stream: Stream, host: &str, config: &Config) -> Self {
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Self {
            stream,
            buffers,
            host: host.to_owned(),
            head: Vec::new(),
            filled: 0,
            framing: None,
            received: 0,
        }
    }

    /// Reads on. Returns false at the end of the connection.
    fn receive(&mut self) -> io::Result<bool> {
        let invalid = |what| Err(io::Error::new(ErrorKind::InvalidData, what));
        loop {
            if self.received > MAX_ANSWER {
                return invalid("it does not end");
            }
            let Some(framing) = &mut self.framing else {
                let read = self.head.get_mut(..self.filled).unwrap_or_default();
                if let Some(head) = Head::find(read) {
                    append(&mut self.buffers, &head.simplified);
                    let length = head.length;
                    self.framing = head.framing;
                    if let Some(framing) = &mut self.framing {
                        let body = read.get_mut(length..).unwrap_or_default();
                        let kept = framing.simplify(body)?;
                        append(&mut self.buffers, body.get(..kept).unwrap_or_default());
                        wipe(read);
                        self.filled = 0;
                    } else {
                        // An interim answer: the head of the real one follows.
                        read.copy_within(length.., 0);
                        self.filled -= length;
                    }
                    return Ok(true);
                }
                if self.filled > MAX_HEAD {
                    return invalid("its head is too large");
                }
                if self.filled == self.head.len() {
                    self.head.resize(self.filled + STRETCH, 0);
                }
                let read =
                    self.stream.read(self.head.get_mut(self.filled..).unwrap_or_default())?;
                self.filled += read;
                self.received += read;
                if read == 0 {
                    return Ok(false);
                }
                continue;
            };
            let room = self.buffers.input_append_buf();
            if room.is_empty() {
                return invalid("a line of it does not end");
            }
            let read = self.stream.read(room)?;
            self.received += read;
            let kept = framing.simplify(room.get_mut(..read).unwrap_or_default())?;
            self.buffers.input_appended(kept);
            if kept > 0 || read == 0 {
                return Ok(read > 0);
            }
        }
    }

    /// Hides I/O errors in another variant: ureq would treat a reset, or a TLS connection without
    /// its closing message, as the end of a body without length.
    fn failed(&self, error: io::Error, timeout: NextTimeout) -> Error {
        match error.kind() {
            ErrorKind::TimedOut => Error::Timeout(timeout.reason),
            ErrorKind::InvalidData if !failure::is_tls(&error) => {
                Error::Other(Box::new(failure::invalid_response(&self.host, &error.to_string())))
            }
            _ => Error::Other(Box::new(failure::broken(&self.host, error))),
        }
    }
}

/// The buffer has room for a whole head, and for what came in the same read.
fn append(buffers: &mut LazyBuffers, bytes: &[u8]) {
    let room = buffers.input_append_buf();
    let amount = room.len().min(bytes.len());
    room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    buffers.input_appended(amount);
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        (self.framing, self.received) = (None, 0);
        self.stream.timed().until = deadline(timeout);
        let output = self.buffers.output();
        let sent = self.stream.write_all(output.get(..amount).unwrap_or(output));
        sent.map_err(|error| self.failed(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.timed().until = deadline(timeout);
        self.receive().map_err(|error| self.failed(error, timeout))
    }

    fn is_open(&mut self) -> bool {
        self.filled == 0 && self.buffers.input().is_empty() && self.stream.is_quiet()
    }

    fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }
}

impl Drop for Connection {
    /// Wipes the buffers, which have held requests and answers.
    fn drop(&mut self) {
        wipe(&mut self.head);
        wipe(self.buffers.output());
        self.buffers.input_consume(self.buffers.input().len());
        wipe(self.buffers.input_append_buf());
    }
}

/// TCP, or TLS over it.
pub(crate) enum Stream {
    Tcp(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Stream {
    fn timed(&mut self) -> &mut Timed {
        match self {
            Self::Tcp(timed) => timed,
            Self::Tls(tls) => &mut tls.sock,
        }
    }

    /// Whether the connection is open and nothing unread has come: neither in the socket, nor
    /// decrypted.
    fn is_quiet(&mut self) -> bool {
        let is_quiet = self.timed().tcp.set_nonblocking(true).is_ok()
            && match self {
                Self::Tcp(Timed { tcp, .. }) => is_silence(tcp.read(&mut [0])),
                Self::Tls(tls) => loop {
                    match tls.conn.read_tls(&mut tls.sock.tcp) {
                        Ok(1..) if tls.conn.process_new_packets().is_ok() => {}
                        read => {
                            break is_silence(read) && is_silence(tls.conn.reader().read(&mut [0]));
                        }
                    }
                },
            };
        is_quiet && self.timed().tcp.set_nonblocking(false).is_ok()
    }
}

fn is_silence(read: io::Result<usize>) -> bool {
    read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(timed) => timed.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(timed) => timed.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(timed) => timed.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

/// A socket with a deadline, however many reads and writes an exchange takes.
pub(crate) struct Timed {
    tcp: TcpStream,
    until: Option<Instant>,
    /// The timeout that the socket has now.
    patience: Option<Duration>,
}

impl Timed {
    pub fn new(tcp: TcpStream, until: Option<Instant>) -> Self {
        Self { tcp, until, patience: None }
    }

    fn patiently<T>(
        &mut self,
        mut attempt: impl FnMut(&mut TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
            // Rounded to whole seconds while there are many, so that the socket's timeout is set
            // rarely: that is a system call.
            let patience = left.map(|left| match left.as_secs() {
                0 | 1 => left,
                seconds => Duration::from_secs(seconds),
            });
            if patience.is_some_and(|patience| patience.is_zero()) {
                return Err(ErrorKind::TimedOut.into());
            }
            if self.patience != patience {
                self.tcp.set_read_timeout(patience)?;
                self.tcp.set_write_timeout(patience)?;
                self.patience = patience;
            }
            match attempt(&mut self.tcp) {
                // The socket's timeout was rounded: there may be time left.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) && self.until.is_some() => {}
                outcome => return outcome,
            }
        }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|tcp| tcp.read(buffer))
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|tcp| tcp.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The end of this timeout; none if there is no limit.
pub(crate) fn deadline(timeout: NextTimeout) -> Option<Instant> {
    match timeout.after {
        Allowance::Exact(after) => Instant::now().checked_add(after),
        Allowance::NotHappening => None,
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({})", self.host)
    }
}
