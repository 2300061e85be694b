//! A server that does as little as possible, for benchmarks of its clients.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use crate::{
    material::discovery_of,
    server::{by_hand, ok},
};

const USER: &str = r#"{"sub":"545e68d4-b831-43cb-9aec-972543716667","email":"anne@bretagne.duchy","email_verified":true,"is_active":true,"fields":{"castles":3}}"#;

/// Starts it, and returns its base URL. It answers discovery, and anything else with a user.
pub fn start() -> String {
    let port = by_hand(|mut stream| {
        stream.set_nodelay(true).unwrap();
        let base = format!("http://{}", stream.local_addr().unwrap());
        let discovery = ok(&String::from_utf8(discovery_of(&base)).unwrap());
        let user = ok(USER);
        while let Some(head) = head(&mut stream) {
            let is_discovery = head.starts_with(b"GET /.well-known/");
            let answer = if is_discovery { &discovery } else { &user };
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// The next request, unless the client has left.
fn head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut head, mut buffer) = (Vec::new(), [0; 8192]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => head.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
    Some(head)
}
