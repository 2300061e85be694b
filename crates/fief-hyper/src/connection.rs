//! An open connection.

use std::{
    io::{self, ErrorKind, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use fief_transport::internals::MAX_ANSWER;
use hyper_util::client::legacy::connect::{Connected, Connection as HyperConnection};
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// A connection that limits the size of an answer, and refuses a further request while unread bytes
/// are left.
pub(crate) struct Connection {
    stream: Stream,
    /// Whether it carries several requests, one after the other.
    keeping: bool,
    /// How many bytes have come since a request was sent.
    received: usize,
}

/// TCP, or TLS over it.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection {
    pub fn new(stream: Stream, keeping: bool) -> Self {
        Self { stream, keeping, received: 0 }
    }

    /// Before the first bytes of a further request: whether anything unread has come.
    ///
    /// hyper has checked for decrypted bytes, and for bytes in the socket as far as tokio has
    /// noticed them. Only the socket itself knows of later ones.
    fn begin_request(&mut self) -> io::Result<()> {
        if self.received > 0 && self.keeping {
            let tcp = match &self.stream {
                Stream::Tcp(tcp) => tcp,
                Stream::Tls(tls) => tls.get_ref().0,
            };
            match SockRef::from(tcp).peek(&mut [MaybeUninit::uninit()]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
                Ok(0) => return Err(ErrorKind::ConnectionReset.into()),
                Ok(_) => {
                    return Err(io::Error::other("unread bytes of an earlier answer are left"));
                }
            }
        }
        self.received = 0;
        Ok(())
    }
}

impl HyperConnection for Connection {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// Calls this on the stream, of either kind.
macro_rules! on_stream {
    ($connection:expr, $stream:ident => $then:expr) => {
        match &mut $connection.stream {
            Stream::Tcp(tcp) => {
                let $stream = Pin::new(tcp);
                $then
            }
            Stream::Tls(tls) => {
                let $stream = Pin::new(tls.as_mut());
                $then
            }
        }
    };
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.remaining();
        ready!(on_stream!(self, stream => stream.poll_read(context, buffer)))?;
        self.received += before.saturating_sub(buffer.remaining());
        if self.received > MAX_ANSWER {
            let error = io::Error::new(ErrorKind::InvalidData, "an answer that does not end");
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.begin_request()?;
        on_stream!(self, stream => stream.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(self, stream => stream.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(self, stream => stream.poll_shutdown(context))
    }

    /// Says yes, because hyper would otherwise copy a body into a buffer that is not wiped.
    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.begin_request()?;
        on_stream!(self, stream => stream.poll_write_vectored(context, slices))
    }
}
