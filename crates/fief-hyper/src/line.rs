//! An open connection.

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use fief_transport::MAX_ANSWER;
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that knows whether it was kept.
pub(crate) struct Line {
    stream: Box<dyn Stream>,
    proxied: bool,
    h2: bool,
    /// How many bytes have come since the last ones went.
    received: usize,
    /// How many bytes have come since whoever waits for them had a chance to look.
    unseen: usize,
    life: Arc<Life>,
}

/// What is known of a connection after a request on it failed.
#[derive(Default)]
pub(crate) struct Life {
    /// It has carried an answer before.
    kept: AtomicBool,
    /// Nothing has come since the last bytes went.
    silent: AtomicBool,
}

impl Life {
    pub fn keep(&self) {
        self.kept.store(true, Relaxed);
    }

    pub fn is_kept(&self) -> bool {
        self.kept.load(Relaxed)
    }

    pub fn is_silent(&self) -> bool {
        self.silent.load(Relaxed)
    }
}

/// So many bytes are read at a stretch. Small frames of HTTP/2 grow in memory, and wait there until
/// the caller is polled.
const STRETCH: usize = 64 * 1024;

/// TCP, or TLS over it.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Line {
    /// `proxied`: requests go to a proxy that wants to be told the scheme and host of the target.
    pub fn new(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        proxied: bool,
        h2: bool,
    ) -> Self {
        Self { stream: Box::new(stream), proxied, h2, received: 0, unseen: 0, life: Arc::default() }
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        let connected = Connected::new().proxy(self.proxied).extra(Arc::clone(&self.life));
        if self.h2 { connected.negotiated_h2() } else { connected }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unseen >= STRETCH {
            self.unseen = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.remaining();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_pending() {
            self.unseen = 0;
        }
        ready!(read)?;
        let received = before.saturating_sub(buffer.remaining());
        if received > 0 {
            self.life.silent.store(false, Relaxed);
        }
        self.received += received;
        self.unseen += received;
        // HTTP/2 carries many answers at once, and has limits of its own.
        if self.received > MAX_ANSWER && !self.h2 {
            let error = io::Error::new(ErrorKind::InvalidData, "an answer that does not end");
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.life.silent.store(true, Relaxed);
        self.received = 0;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
