//! A proxy that opens tunnels (RFC 9110 section 9.3.6) to the port that it is asked for, on this
//! machine, with a runtime of its own.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    time::sleep,
};

use crate::server::PAUSE;

/// Starts it, and returns its URL. It adds its open connections to this count.
pub fn start(connections: Arc<AtomicUsize>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(accept(listener, connections));
    });
    url
}

async fn accept(listener: std::net::TcpListener, connections: Arc<AtomicUsize>) {
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let connections = Arc::clone(&connections);
        connections.fetch_add(1, SeqCst);
        tokio::spawn(async move {
            // A client may leave at any time.
            let _ = tunnel(tcp).await;
            connections.fetch_sub(1, SeqCst);
        });
    }
}

async fn tunnel(mut client: TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let place = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap();
    let port = place.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    server.set_nodelay(true)?;
    // In parts, so that each is waited for.
    for part in ["HTTP/1.1 200 Conn", "ection established\r\n", "\r\n"] {
        sleep(PAUSE).await;
        client.write_all(part.as_bytes()).await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
