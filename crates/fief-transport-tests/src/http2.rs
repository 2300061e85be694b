//! A server that speaks HTTP/2 by hand: whatever frames a script likes, over TLS.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Mutex},
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::{certificates::Authority, server::by_hand};

/// A listening server, and whom to trust to reach it.
pub struct Server {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// A certificate for `localhost` hangs on it.
    pub root: Vec<u8>,
    requests: Arc<Mutex<Vec<(usize, u32)>>>,
}

/// An open connection.
pub struct Frames {
    tls: StreamOwned<ServerConnection, TcpStream>,
    /// How many bytes of a body the client takes now: on a stream, and on all of them.
    windows: (usize, usize),
}

/// A frame as it came: its type, its flags, its stream and what it carries.
type Frame = (u8, u8, u32, Vec<u8>);

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const ACK: u8 = 1;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// `:status: 200`
pub const OK: &[u8] = &[0x88];
/// `:status: 100`
pub const CONTINUE: &[u8] = b"\x08\x03100";

impl Server {
    /// Answers every request by the script, which is told the connection, counted from 0, and the
    /// stream. The connection ends with an error of the script's.
    pub fn start(
        script: impl Fn(usize, u32, &mut Frames) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let authority = Authority::new();
        let mut config = ServerConfig::clone(&authority.leaf("localhost").server());
        config.alpn_protocols = vec![b"h2".to_vec()];
        let config = Arc::new(config);
        let requests = Arc::<Mutex<Vec<_>>>::default();
        let (log, connections) = (Arc::clone(&requests), Mutex::new(0));
        let port = by_hand(move |tcp| {
            let connection = {
                let mut connections = connections.lock().unwrap();
                *connections += 1;
                *connections - 1
            };
            // A client that leaves is no matter.
            let _: io::Result<()> = Frames::open(tcp, &config).and_then(|mut frames| {
                loop {
                    let stream = frames.request()?;
                    log.lock().unwrap().push((connection, stream));
                    script(connection, stream, &mut frames)?;
                }
            });
        });
        Self { port, root: authority.pem.into_bytes(), requests }
    }

    /// A URL on it.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/path", self.port)
    }

    /// The connection and the stream of each request so far.
    pub fn requests(&self) -> Vec<(usize, u32)> {
        self.requests.lock().unwrap().clone()
    }
}

impl Frames {
    fn open(mut tcp: TcpStream, config: &Arc<ServerConfig>) -> io::Result<Self> {
        let mut tls = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut tcp)?;
        }
        let mut frames = Self { tls: StreamOwned::new(tls, tcp), windows: (65_535, 65_535) };
        frames.tls.read_exact(&mut [0; 24])?;
        frames.send(SETTINGS, 0, 0, &[])?;
        Ok(frames)
    }

    /// Sends a frame.
    pub fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
        self.send_many(1, kind, flags, stream, payload)
    }

    /// Sends as many frames of a kind at once.
    pub fn send_many(
        &mut self,
        times: usize,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> io::Result<()> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        self.tls.write_all(&[&head, payload].concat().repeat(times))?;
        self.tls.flush()
    }

    /// Sends a body without end, as fast as the client takes it.
    pub fn send_for_ever(&mut self, stream: u32, part: &[u8]) -> io::Result<()> {
        loop {
            while self.windows.0.min(self.windows.1) < part.len() {
                self.receive()?;
            }
            self.send(DATA, 0, stream, part)?;
            self.windows.0 -= part.len();
            self.windows.1 -= part.len();
        }
    }

    /// Waits for a whole request. Gives its stream.
    fn request(&mut self) -> io::Result<u32> {
        loop {
            let (kind, flags, stream, _) = self.receive()?;
            if [HEADERS, DATA].contains(&kind) && flags & END_STREAM != 0 {
                return Ok(stream);
            }
        }
    }

    fn receive(&mut self) -> io::Result<Frame> {
        let mut head = [0; 9];
        self.tls.read_exact(&mut head)?;
        let [a, b, c, kind, flags, rest @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.tls.read_exact(&mut payload)?;
        let stream = u32::from_be_bytes(rest);
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
        match kind {
            // The initial window of a stream.
            SETTINGS if flags & ACK == 0 => {
                let windows = payload.chunks(6).filter(|setting| setting[..2] == [0, 4]);
                windows.for_each(|setting| self.windows.0 = number(&setting[2..]));
                self.send(SETTINGS, ACK, 0, &[])?;
            }
            WINDOW_UPDATE if stream == 0 => self.windows.1 += number(&payload),
            WINDOW_UPDATE => self.windows.0 += number(&payload),
            _ => {}
        }
        Ok((kind, flags, stream, payload))
    }
}
