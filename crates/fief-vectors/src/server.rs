//! A server on the loopback interface that plays a script.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::format::Fault;
use crate::script::{Answer, Reply, Script, Seen};

/// How long a connection may be idle before it is closed.
const IDLE: Duration = Duration::from_secs(10);
/// How long a stalled answer is delayed: longer than any timeout in a vector.
const STALL: Duration = Duration::from_secs(3);

/// The server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that answers from `script`.
    /// # Errors
    ///
    /// If no port is free.
    pub fn start(script: Arc<Script>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let acceptor = thread::spawn(move || {
            while let Ok((connection, _)) = listener.accept() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let script = Arc::clone(&script);
                // If the connection breaks, the outcome of the call shows it.
                thread::spawn(move || drop(serve(&connection, &script)));
            }
        });
        Ok(Self { address, stop, acceptor: Some(acceptor) })
    }

    /// `http://` and the address.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the acceptor, so that it sees the flag.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

/// The base URL of a port on which no server listens.
/// # Errors
///
/// If no port is free.
pub fn closed_port() -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    Ok(format!("http://{}", listener.local_addr()?))
}

fn serve(connection: &TcpStream, script: &Script) -> io::Result<()> {
    connection.set_read_timeout(Some(IDLE))?;
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    let mut kept = false;
    while let Some(seen) = read_request(&mut reader)? {
        if kept && script.closes_kept_connection() {
            return Ok(());
        }
        match script.answer(&seen) {
            Answer::Fault(fault) => return fail(connection, fault),
            Answer::Response(reply) => {
                write_reply(connection, &reply)?;
                if !reply.keep_connection {
                    return Ok(());
                }
            }
        }
        kept = true;
    }
    Ok(())
}

fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Seen>> {
    let first = read_line(reader)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(Some(Seen { method: method.to_owned(), target: target.to_owned(), headers, body }))
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn fail(mut connection: &TcpStream, fault: Fault) -> io::Result<()> {
    match fault {
        Fault::Cut | Fault::Refused => Ok(()),
        Fault::CutBody => connection
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"sub\":"),
        Fault::Garbage => connection.write_all(b"SSH-2.0-OpenSSH_9.7\r\n\r\n"),
        Fault::Stall => {
            thread::sleep(STALL);
            Ok(())
        }
    }
}

fn write_reply(mut connection: &TcpStream, reply: &Reply) -> io::Result<()> {
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
    connection.write_all(&head)?;
    connection.write_all(body)?;
    connection.flush()
}
