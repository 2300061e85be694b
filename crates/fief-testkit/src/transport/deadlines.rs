//! Every phase of an exchange ends in time, whatever the other side does.
//!
//! A timeout is the only right outcome here, so that the limits may be short; each is long enough
//! to reach the phase in question.

use std::{
    io::{self, Read as _},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use fief_proto::{Endpoint, Secret};
use fief_transport::{Proxy, Roots, TransportOptions};
use http::Request;

use super::{BASE, Driver, Failure, LIMIT, certificates::Authority, driver, options, request};
use crate::{
    PATIENCE, in_time,
    server::{Server, Stream, Then, by_hand},
};

/// The time that is allowed.
const LIMITED: Duration = Duration::from_secs(1);

/// A name that does not exist: the failure names it. It is not a test of the deadline, because the
/// resolver may answer at once; a silent one would need a network.
pub fn name_lookup<D: Driver>() {
    let failure = fails::<D>(connecting(), request("GET", "http://fief.invalid/path"));
    assert!(["connect", "timeout"].contains(&failure.reason), "{failure:?}");
    assert!(failure.messages[0].contains("fief.invalid"), "{failure:?}");
}

/// A discovery document or key set has a timeout of its own.
pub fn documents<D: Driver>() {
    let server = by_hand(|mut tcp| {
        let _ = io::copy(&mut tcp, &mut io::sink());
    });
    let url = format!("http://127.0.0.1:{server}/path");
    for endpoint in [Endpoint::Discovery, Endpoint::Keys] {
        let options = TransportOptions {
            documents_timeout: Some(LIMITED),
            timeout: Some(10 * PATIENCE),
            ..options()
        };
        let request = request("GET", &url);
        let failure =
            in_time(move || driver::<D>(&options).exchange(endpoint, request, LIMIT).unwrap_err());
        assert_eq!(failure.reason, "timeout");
    }
}

/// `None` means no limit; a limit of zero is a mistake.
pub fn no_time_at_all<D: Driver>() {
    let zero = Some(Duration::ZERO);
    for (options, name) in [
        (TransportOptions { timeout: zero, ..options() }, "`timeout`"),
        (TransportOptions { connect_timeout: zero, ..options() }, "`connect_timeout`"),
        (TransportOptions { documents_timeout: zero, ..options() }, "`documents_timeout`"),
    ] {
        let failure = D::new(&options, BASE, None).err().unwrap();
        assert_eq!(failure.reason, "configuration");
        assert!(failure.messages[0].contains(name), "{failure:?}");
    }
}

/// A server whose backlog is full does not answer new connections.
pub fn full_backlog<D: Driver>() {
    if !cfg!(target_os = "linux") {
        // Other systems refuse the connection or accept it.
        return;
    }
    let (_listener, address, _queue) = unheeding([127, 0, 0, 1].into());
    for options in [connecting(), whole()] {
        let connecting = options.connect_timeout.is_some();
        let failure = fails::<D>(options, request("GET", &format!("http://{address}/path")));
        assert_eq!(failure.reason, "timeout");
        assert!(failure.messages[0].contains("connecting") || !connecting, "{failure:?}");
        assert!(failure.never_sent || !connecting, "{failure:?}");
    }
}

/// A listener that never accepts, and the connections that fill its backlog.
pub(crate) fn unheeding(address: IpAddr) -> (socket2::Socket, SocketAddr, Vec<TcpStream>) {
    let address = SocketAddr::from((address, 0));
    let domain = socket2::Domain::for_address(address);
    let listener = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
    listener.bind(&address.into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, LIMITED) {
        queue.push(stream);
    }
    (listener, address, queue)
}

pub fn silent_proxy<D: Driver>() {
    let proxy = by_hand(|mut tcp| {
        let _ = io::copy(&mut tcp, &mut io::sink());
    });
    for (options, target) in
        [(connecting(), "https://fief.invalid/path"), (whole(), "https://fief.invalid/path")]
    {
        let options = through(proxy, options);
        assert_eq!(fails::<D>(options, request("POST", target)).reason, "timeout");
    }
}

/// Each byte comes in time, but the whole does not.
pub fn dripping_proxy<D: Driver>() {
    let proxy = by_hand(|mut tcp| drip(&mut tcp, b"HTTP/1.1 200 OK\r\nx: "));
    for options in [connecting(), whole()] {
        let options = through(proxy, options);
        let request = request("GET", "https://fief.invalid/path");
        assert_eq!(fails::<D>(options, request).reason, "timeout");
    }
}

/// The server waits for a request in the clear, and the client for its TLS.
pub fn silent_handshake<D: Driver>() {
    let port = by_hand(|mut tcp| {
        let _ = io::copy(&mut tcp, &mut io::sink());
    });
    for options in [connecting(), whole()] {
        let request = request("GET", &format!("https://localhost:{port}/path"));
        assert_eq!(fails::<D>(trusting(&Authority::new(), options), request).reason, "timeout");
    }
}

pub fn dripping_handshake<D: Driver>() {
    // A record of the handshake, and in it a message of 16 KiB.
    let port = by_hand(|mut tcp| drip(&mut tcp, b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"));
    for options in [connecting(), whole()] {
        let request = request("GET", &format!("https://localhost:{port}/path"));
        assert_eq!(fails::<D>(trusting(&Authority::new(), options), request).reason, "timeout");
    }
}

/// More than the sockets' own buffers hold.
pub fn unread_upload<D: Driver>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    socket2::SockRef::from(&listener).set_recv_buffer_size(64 * 1024).unwrap();
    let url = format!("http://{}/path", listener.local_addr().unwrap());
    thread::spawn(move || {
        let unread: Vec<_> = listener.incoming().collect();
        drop(unread);
    });
    let mut request = request("POST", &url);
    *request.body_mut() = vec![b'x'; 32 * 1024 * 1024];
    assert_eq!(fails::<D>(whole(), request).reason, "timeout");
}

pub fn silent_head<D: Driver>() {
    for said in ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nx: "] {
        silent_after::<D>(said);
    }
}

pub fn silent_body<D: Driver>() {
    for said in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 500 No\r\ncontent-length: 5\r\n\r\nhell",
    ] {
        silent_after::<D>(said);
    }
}

fn silent_after<D: Driver>(said: &'static str) {
    for method in ["GET", "POST"] {
        let server = Server::start(None, move |_, stream| {
            let _ = stream.write_all(said.as_bytes());
            Then::Keep
        });
        let failure = fails::<D>(whole(), request(method, &server.url()));
        assert_eq!(failure.reason, "timeout", "{said}");
        assert!(failure.messages[0].contains("in time"), "{failure:?}");
        assert_eq!(server.seen().len(), 1, "sent again: {said}");
    }
}

pub fn dripping_head<D: Driver>() {
    dripping_after::<D>(b"HTTP/1.1 200 OK\r\nx: ");
}

pub fn dripping_body<D: Driver>() {
    dripping_after::<D>(b"HTTP/1.1 200 OK\r\n\r\n");
    // The head of a gzip stream, and then the name of a file (RFC 1952 section 2.3).
    let gzip = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff";
    let head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n";
    dripping_after::<D>([head.as_slice(), gzip].concat().leak());
}

fn dripping_after<D: Driver>(said: &'static [u8]) {
    let server = Server::start(None, move |_, stream| {
        drip(stream, said);
        Then::Close
    });
    assert_eq!(fails::<D>(whole(), request("GET", &server.url())).reason, "timeout");
}

/// A TLS record is of no use before its last byte.
pub fn dripping_record<D: Driver>() {
    let authority = Authority::new();
    let tls = authority.leaf("localhost").server();
    let port = by_hand(move |mut tcp| {
        let Ok(_secured) = tls(&tcp) else { return };
        // The request has come, or begins to.
        let _ = tcp.read(&mut [0; 1024]);
        drip(&mut tcp, b"\x17\x03\x03\x40\x00");
    });
    let request = request("GET", &format!("https://localhost:{port}/path"));
    assert_eq!(fails::<D>(trusting(&authority, whole()), request).reason, "timeout");
}

/// Says this, and then a byte now and then.
fn drip(stream: &mut dyn Stream, begin: &[u8]) {
    let mut said = stream.write_all(begin);
    while said.is_ok() {
        thread::sleep(LIMITED / 100);
        said = stream.write_all(b"x");
    }
}

fn fails<D: Driver>(options: TransportOptions, request: Request<Vec<u8>>) -> Failure {
    let endpoint = if request.method() == "GET" { Endpoint::Userinfo } else { Endpoint::Token };
    in_time(move || driver::<D>(&options).exchange(endpoint, request, LIMIT).unwrap_err())
}

fn connecting() -> TransportOptions {
    TransportOptions { connect_timeout: Some(LIMITED), timeout: Some(PATIENCE), ..options() }
}

fn whole() -> TransportOptions {
    TransportOptions { timeout: Some(LIMITED), ..options() }
}

fn through(proxy: u16, options: TransportOptions) -> TransportOptions {
    let url = Secret::from(format!("http://127.0.0.1:{proxy}"));
    TransportOptions { proxy: Proxy::Url(url), ..options }
}

fn trusting(authority: &Authority, options: TransportOptions) -> TransportOptions {
    TransportOptions { roots: Roots::Only(authority.pem.clone().into_bytes()), ..options }
}
