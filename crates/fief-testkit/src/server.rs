//! A scripted server: raw bytes over TCP or what is above it, a thread for each connection.

use std::{
    io::{self, Read, Write},
    mem,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use socket2::{Domain, SockRef, Socket, Type};

/// A listening server and what it has been asked. Dropped, it listens no more; what is on its way
/// is answered.
pub struct Server {
    /// Its port on 127.0.0.1.
    pub port: u16,
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Vec<Turn>>,
    connections: AtomicUsize,
    is_stopped: AtomicBool,
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

    /// The method, and the target as it was sent.
    pub fn target(&self) -> (&str, &str) {
        let mut words = self.line().split(' ');
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    /// Names and values of all headers, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.lines().skip(1);
        lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim()))
    }

    /// The values of a header, in order.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let named = self.headers().filter(|(this, _)| this.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value).collect()
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
    Tls(Tls),
}

/// Begins TLS on a connection.
pub type Tls = Arc<dyn Fn(&TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync>;

/// A connection, whatever is below.
pub trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

impl Server {
    /// Answers every request by the script.
    pub fn start(
        tls: Option<Tls>,
        script: impl Fn(&Turn, &mut dyn Stream) -> Then + Send + Sync + 'static,
    ) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), tls, script)
    }

    /// The same, at an address of the test's choice.
    pub fn on(
        listener: TcpListener,
        tls: Option<Tls>,
        script: impl Fn(&Turn, &mut dyn Stream) -> Then + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let (inside, script) = (Arc::clone(&shared), Arc::new(script));
        thread::spawn(move || {
            for (connection, tcp) in listener.incoming().enumerate() {
                if inside.is_stopped.load(SeqCst) {
                    return;
                }
                let (shared, script, tls) = (Arc::clone(&inside), Arc::clone(&script), tls.clone());
                shared.connections.fetch_add(1, SeqCst);
                thread::spawn(move || {
                    let tcp = tcp.unwrap();
                    // A client that leaves is no matter.
                    match serve(&tcp, tls, connection, &shared.seen, &*script) {
                        Ok(Then::Reset) => reset(&tcp),
                        _ => end(&tcp),
                    }
                    shared.connections.fetch_sub(1, SeqCst);
                });
            }
        });
        Self { port: address.port(), address, shared }
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

    /// Its base URL.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it has been asked so far.
    pub fn seen(&self) -> Vec<Turn> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// How many connections are open now.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_stopped.store(true, SeqCst);
        // Wakes it, so that it sees that.
        drop(TcpStream::connect(self.address));
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

/// A body with its length.
pub fn ok(body: &str) -> String {
    status(200, body)
}

/// The same, with another status.
pub fn status(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Ends a connection: what was sent before arrives.
fn end(mut tcp: &TcpStream) {
    let _ = tcp.shutdown(Shutdown::Write);
    // Without reading on, closing would reset and swallow the last bytes sent.
    let _ = io::copy(&mut tcp, &mut io::sink());
}

fn serve(
    tcp: &TcpStream,
    tls: Option<Tls>,
    connection: usize,
    seen: &Mutex<Vec<Turn>>,
    script: &dyn Fn(&Turn, &mut dyn Stream) -> Then,
) -> io::Result<Then> {
    tcp.set_nodelay(true)?;
    let mut stream: Box<dyn Stream> = match tls {
        Some(tls) => tls(tcp)?,
        None => Box::new(tcp.try_clone()?),
    };
    for exchange in 0.. {
        let (head, body) = receive(&mut *stream)?;
        let turn = Turn { connection, exchange, head, body };
        seen.lock().unwrap().push(turn.clone());
        match script(&turn, &mut *stream) {
            Then::Keep => {}
            Then::Tls(tls) => stream = tls(tcp)?,
            end => return Ok(end),
        }
    }
    Ok(Then::Close)
}

fn receive(stream: &mut dyn Stream) -> io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((head.trim_end().to_owned(), body))
}
