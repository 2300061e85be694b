//! A server on the loopback interface that plays a script.

use std::{
    io::{self, Write as _},
    sync::Arc,
    thread,
    time::Duration,
};

use fief_testkit::server::{Server, Stream, Then, Turn};
use flate2::{Compression, write::GzEncoder};

use crate::{
    format::Fault,
    script::{Answer, Reply, Script, Seen},
};

/// How long a stalled answer keeps its caller waiting; longer than any timeout in a vector.
const STALL: Duration = Duration::from_secs(3);

/// Starts a server that answers from `script`.
pub(crate) fn start(script: Arc<Script>) -> Server {
    Server::start(None, move |turn, stream| {
        if turn.exchange > 0 && script.closes_kept_connection() {
            return Then::Close;
        }
        // A connection that breaks off shows in the outcome of the call.
        let written = match script.answer(&seen(turn)) {
            Answer::Fault(fault) => fail(stream, fault).map(|()| false),
            Answer::Response(reply) => write_reply(stream, &reply).map(|()| reply.keep_connection),
        };
        if written.unwrap_or(false) { Then::Keep } else { Then::Close }
    })
}

fn seen(turn: &Turn) -> Seen {
    let (method, target) = turn.target();
    let headers = turn.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    Seen {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers.collect(),
        body: turn.body.clone(),
    }
}

fn fail(stream: &mut dyn Stream, fault: Fault) -> io::Result<()> {
    match fault {
        Fault::Cut | Fault::Refused => Ok(()),
        Fault::CutBody => stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"sub\":"),
        Fault::Garbage => stream.write_all(b"SSH-2.0-OpenSSH_9.7\r\n\r\n"),
        Fault::Stall => {
            thread::sleep(STALL);
            Ok(())
        }
    }
}

fn write_reply(stream: &mut dyn Stream, reply: &Reply) -> io::Result<()> {
    let mut head = Vec::new();
    write!(head, "HTTP/1.1 {} Scripted\r\n", reply.status)?;
    for (name, value) in &reply.headers {
        write!(head, "{name}: {value}\r\n")?;
    }
    let packed;
    let mut body = &reply.body;
    if reply.gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body)?;
        packed = encoder.finish()?;
        body = &packed;
        head.extend(b"content-encoding: gzip\r\n");
    }
    if !reply.keep_connection {
        head.extend(b"connection: close\r\n");
    }
    if reply.status != 204 {
        write!(head, "content-length: {}\r\n", body.len())?;
    }
    head.extend(b"\r\n");
    stream.write_all(&head)?;
    stream.write_all(body)?;
    stream.flush()
}
