//! A scripted server: raw bytes over TCP or TLS, a thread for each connection.

use std::{
    io::{self, Read, Write},
    mem,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::{Domain, SockRef, Socket, Type};

/// A listening server and what it has been asked.
pub struct Server {
    /// Its port on 127.0.0.1.
    pub port: u16,
    seen: Arc<Mutex<Vec<Turn>>>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Counts the connections, from 0.
    pub connection: usize,
    /// Counts the requests on this connection, from 0.
    pub exchange: usize,
    /// The head, without its last empty line.
    pub head: String,
    /// The body that `content-length` announced.
    pub body: Vec<u8>,
}

impl Turn {
    /// The request line.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// The values of a header, in order.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(this, _)| this.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }
}

/// What happens after an answer.
pub enum Then {
    /// The connection ends.
    Close,
    /// The next request is awaited.
    Keep,
    /// The connection is reset: the client gets an RST where it may wait for a FIN.
    Reset,
    /// TLS begins: the answer to a `CONNECT`.
    Tls(Arc<ServerConfig>),
}

/// A connection, with or without TLS.
pub trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

impl Server {
    /// Answers every request by the script.
    pub fn start(
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(&Turn, &mut dyn Stream) -> Then + Send + Sync + 'static,
    ) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), tls, script)
    }

    /// The same, at an address of the test's choice.
    pub fn on(
        listener: TcpListener,
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(&Turn, &mut dyn Stream) -> Then + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (Arc::clone(&seen), Arc::new(script));
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (log, script, tls) = (Arc::clone(&log), Arc::clone(&script), tls.clone());
                thread::spawn(move || {
                    let tcp = stream.unwrap();
                    let mut line = tcp.try_clone().unwrap();
                    // A client may leave at any time.
                    if let Ok(Then::Reset) = serve(&tcp, tls, connection, &log, &*script) {
                        return reset(&tcp);
                    }
                    // Without reading on, closing would reset and swallow the last bytes sent.
                    let _ = tcp.shutdown(Shutdown::Write);
                    let _ = io::copy(&mut line, &mut io::sink());
                });
            }
        });
        Self { port, seen }
    }

    /// Answers every request with these bytes, and closes.
    pub fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(None, move |_, stream| {
            let _ = stream.write_all(&bytes);
            Then::Close
        })
    }

    /// A URL on it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/path", self.port)
    }

    /// A URL on it, with TLS and a name.
    pub fn https(&self) -> String {
        format!("https://localhost:{}/path", self.port)
    }

    /// What it has been asked so far.
    pub fn seen(&self) -> Vec<Turn> {
        self.seen.lock().unwrap().clone()
    }
}

/// A server that answers each connection by hand, from its first byte on.
pub fn by_hand(script: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = Arc::new(script);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let script = Arc::clone(&script);
            thread::spawn(move || script(stream.unwrap()));
        }
    });
    port
}

/// Makes the connection end in an RST once its last handle is dropped.
pub fn reset(tcp: &TcpStream) {
    SockRef::from(tcp).set_linger(Some(Duration::ZERO)).unwrap();
}

/// A port where no server listens, and none can: it is bound until the process ends.
pub fn closed_port() -> u16 {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    mem::forget(socket);
    port
}

/// An answer with this body and its length.
pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn serve(
    tcp: &TcpStream,
    tls: Option<Arc<ServerConfig>>,
    connection: usize,
    log: &Mutex<Vec<Turn>>,
    script: &dyn Fn(&Turn, &mut dyn Stream) -> Then,
) -> io::Result<Then> {
    let mut stream: Box<dyn Stream> = Box::new(tcp.try_clone()?);
    if let Some(config) = tls {
        stream = Box::new(handshake(tcp, config)?);
    }
    for exchange in 0.. {
        let (head, body) = receive(&mut *stream)?;
        let turn = Turn { connection, exchange, head, body };
        log.lock().unwrap().push(turn.clone());
        match script(&turn, &mut *stream) {
            Then::Keep => {}
            Then::Tls(config) => stream = Box::new(handshake(tcp, config)?),
            end => return Ok(end),
        }
    }
    Ok(Then::Close)
}

fn handshake(
    tcp: &TcpStream,
    config: Arc<ServerConfig>,
) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let mut conn = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut sock = tcp.try_clone()?;
    while conn.is_handshaking() {
        conn.complete_io(&mut sock)?;
    }
    Ok(StreamOwned { conn, sock })
}

fn receive(stream: &mut dyn Stream) -> io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((head.trim_end().to_owned(), body))
}
