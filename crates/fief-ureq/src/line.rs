//! An open connection.

use std::{
    fmt,
    io::{ErrorKind, Read as _, Write as _},
};

use fief_transport::{MAX_ANSWER, failure};
use rustls::{ClientConnection, StreamOwned};
use ureq::{
    Error,
    unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport, TransportAdapter},
};

/// A connection that knows whether it was kept, and which proxy's dialect it speaks.
#[derive(Debug)]
pub(crate) struct Line {
    inner: Box<dyn Transport>,
    host: String,
    /// What a proxy wants before the path: the scheme and host of the target.
    absolute: Option<String>,
    /// It has carried an answer before.
    kept: bool,
    /// Bytes have come since the last ones went.
    heard: bool,
    /// How many bytes have come since the request began.
    received: usize,
}

impl Line {
    pub fn new(inner: Box<dyn Transport>, host: &str, absolute: Option<String>) -> Self {
        let host = host.to_owned();
        Self { inner, host, absolute, kept: false, heard: true, received: 0 }
    }

    /// Tells a kept connection that the server had closed from one that breaks in an exchange.
    ///
    /// No I/O error goes out as one: ureq would take a reset, or a TLS connection cut without
    /// notice, for the end of a body without length.
    fn judged(&self, error: Error) -> Error {
        match error {
            Error::Io(error) => {
                let broken = failure::broken(&self.host, error);
                Error::Other(Box::new(broken))
            }
            other => other,
        }
    }

    /// An answer has to end, and so has each line of it.
    fn check_room(&mut self) -> Result<(), Error> {
        let what = if self.received > MAX_ANSWER {
            "it does not end"
        } else if self.inner.buffers().input_append_buf().is_empty() {
            "a line of it does not end"
        } else {
            return Ok(());
        };
        Err(Error::Other(Box::new(failure::invalid_response(&self.host, what))))
    }

    /// Sends the first bytes of a request with the target spelt out: ureq writes the path alone.
    fn transmit_absolute(
        &mut self,
        amount: usize,
        timeout: NextTimeout,
        prefix: &str,
    ) -> Result<(), Error> {
        let written = self.inner.buffers().output();
        let written = written.get(..amount).unwrap_or(written);
        let path = written.iter().position(|byte| *byte == b' ').map_or(0, |space| space + 1);
        let (method, rest) = written.split_at(path);
        let head = [method, prefix.as_bytes(), rest].concat();
        let size = self.inner.buffers().output().len().max(1);
        for part in head.chunks(size) {
            let output = self.inner.buffers().output();
            output.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            self.inner.transmit_output(part.len(), timeout)?;
        }
        Ok(())
    }
}

impl Transport for Line {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let begins = std::mem::replace(&mut self.heard, false);
        if begins {
            self.received = 0;
        }
        let sent = match self.absolute.take() {
            Some(prefix) => {
                let sent = if begins {
                    self.transmit_absolute(amount, timeout, &prefix)
                } else {
                    self.inner.transmit_output(amount, timeout)
                };
                self.absolute = Some(prefix);
                sent
            }
            None => self.inner.transmit_output(amount, timeout),
        };
        sent.map_err(|error| self.judged(error))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.check_room()?;
        let before = self.inner.buffers().input().len();
        match self.inner.await_input(timeout) {
            Ok(true) => {
                self.received += self.inner.buffers().input().len().saturating_sub(before);
                self.heard = true;
                self.kept = true;
                Ok(true)
            }
            Ok(false) if self.heard => Ok(false),
            Ok(false) => Err(self.judged(Error::Io(ErrorKind::UnexpectedEof.into()))),
            Err(error) => Err(self.judged(error)),
        }
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// TLS over another transport.
pub(crate) struct TlsTransport {
    pub buffers: LazyBuffers,
    pub stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        let output = self.buffers.output();
        self.stream.write_all(output.get(..amount).unwrap_or(output))?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsTransport")
    }
}
