//! A receiver of webhooks.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
};

use http::{HeaderMap, HeaderName, HeaderValue};

/// Listens on a free port and keeps what arrives.
pub struct Sink {
    address: SocketAddr,
    received: Receiver<Received>,
}

/// A delivery as it arrived.
pub struct Received {
    pub headers: HeaderMap,
    pub body: String,
}

impl Sink {
    /// Answers with these statuses, then with 200.
    pub fn answering(statuses: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = channel();
        let mut statuses = statuses.into_iter();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let status = statuses.next().unwrap_or(200);
                let Some(delivery) = receive(&stream.unwrap(), status) else { continue };
                if sender.send(delivery).is_err() {
                    return;
                }
            }
        });
        Self { address, received }
    }

    pub fn url(&self) -> String {
        format!("http://{}/webhook", self.address)
    }

    /// The deliveries, as they come.
    pub fn into_received(self) -> Receiver<Received> {
        self.received
    }
}

/// One request of a connection, which is closed after the answer.
fn receive(mut stream: &TcpStream, status: u16) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut headers = HeaderMap::new();
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    assert!(line.starts_with("POST /webhook "), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        let name = HeaderName::try_from(name).unwrap();
        headers.append(name, HeaderValue::try_from(value).unwrap());
    }
    let length = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer =
        format!("HTTP/1.1 {status} Done\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).ok()?;
    Some(Received { headers, body: String::from_utf8(body).unwrap() })
}
