//! How proxies are used.

use fief_proto::Secret;
use fief_transport::{Proxy, Roots, TransportOptions};

use super::{BASE, Driver, PASSWORD, PLANTED, certificates::Authority, driver, options, refused};
use crate::server::{Server, Then, closed_port, ok};

/// `user:hunter2`
const CREDENTIALS: &str = "Basic dXNlcjpodW50ZXIy";

pub fn tunnel<D: Driver>() {
    let authority = Authority::new();
    let config = authority.leaf("fief.invalid").server();
    let proxy = Server::start(None, move |turn, stream| {
        if turn.exchange == 0 {
            stream.write_all(b"HTTP/1.1 200 Connection established\r\nx: y\r\n\r\n").unwrap();
            return Then::Tls(config.clone());
        }
        let _ = stream.write_all(ok("hello").as_bytes());
        Then::Keep
    });
    let roots = Roots::Only(authority.pem.clone().into_bytes());
    for (target, place) in [
        ("https://fief.invalid/path", "fief.invalid:443"),
        ("https://fief.invalid:8443/path", "fief.invalid:8443"),
    ] {
        let options = TransportOptions { roots: roots.clone(), ..through(&proxy, true) };
        let driver = driver::<D>(&options);
        for _ in 0..2 {
            let response = driver.send("GET", target).unwrap();
            assert_eq!(response.body(), b"hello");
        }
        let turns = proxy.seen();
        let [.., connect, first, second] = turns.as_slice() else { panic!("{turns:?}") };
        assert_eq!(connect.line(), format!("CONNECT {place} HTTP/1.1"));
        assert_eq!(connect.header("host"), [place]);
        assert_eq!(connect.header("proxy-authorization"), [CREDENTIALS]);
        assert!(connect.header("authorization").is_empty());
        for turn in [first, second] {
            assert_eq!(turn.line(), format!("GET /path?code={PLANTED} HTTP/1.1"));
            assert!(turn.header("proxy-authorization").is_empty());
        }
    }
    let options = TransportOptions { roots, ..through(&proxy, true) };
    assert_eq!(refused::<D>(&options, "https://elsewhere.invalid/path"), "tls");
}

pub fn refused_tunnel<D: Driver>() {
    for (answer, says) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno", "403"),
        ("HTTP/1.1 200 OK\r\n\r\nsurplus", "more"),
        ("garbage\r\n\r\n", "HTTP"),
        ("", "closes"),
    ] {
        let proxy = Server::answering(answer);
        let driver = driver::<D>(&through(&proxy, true));
        let failure = driver.send("GET", "https://fief.invalid/path").unwrap_err();
        assert_eq!((failure.reason, failure.never_sent), ("proxy", true), "{answer}");
        assert!(failure.messages[0].contains(&proxy.port.to_string()), "{failure:?}");
        assert!(failure.messages[0].contains(says), "{failure:?}");
        assert_eq!(proxy.seen().len(), 1);
    }
    let proxy = Server::start(None, |_, stream| {
        while stream.write_all(b"x: y\r\n").is_ok() {}
        Then::Close
    });
    assert_eq!(refused::<D>(&through(&proxy, true), "https://fief.invalid/path"), "proxy");
}

pub fn unreachable_proxy<D: Driver>() {
    let port = closed_port();
    let options = proxied(&format!("http://user:{PASSWORD}@127.0.0.1:{port}"));
    let failure = driver::<D>(&options).send("GET", "https://fief.invalid/path").unwrap_err();
    assert_eq!((failure.reason, failure.never_sent), ("proxy", true));
    assert!(failure.messages[0].contains(&port.to_string()), "{failure:?}");
}

pub fn bad_proxy_urls<D: Driver>() {
    for url in ["", "http://", "socks5://127.0.0.1:1080", "https://127.0.0.1", "ftp://127.0.0.1"] {
        misconfigured::<D>(url, BASE);
    }
    misconfigured::<D>(&format!("http://user:{PASSWORD}@["), BASE);
    // It would read the tokens.
    misconfigured::<D>("http://127.0.0.1:9", "http://127.0.0.1:8000");
    misconfigured::<D>("http://127.0.0.1:9", "http://fief.invalid");
}

fn misconfigured<D: Driver>(proxy: &str, base_url: &str) {
    let failure = D::new(&proxied(proxy), base_url, None).err().expect(proxy);
    assert_eq!(failure.reason, "configuration", "{proxy}");
}

/// No proxy is used to reach this machine.
pub fn none_to_this_machine<D: Driver>() {
    let proxy = Server::answering("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    let authority = Authority::new();
    let server = Server::start(Some(authority.leaf("fief.localhost").server()), |_, stream| {
        let _ = stream.write_all(ok("hello").as_bytes());
        Then::Close
    });
    let roots = Roots::Only(authority.pem.into_bytes());
    let options = TransportOptions { roots, ..through(&proxy, true) };
    let url = format!("https://fief.localhost:{}", server.port);
    let driver = D::new(&options, &url, None).unwrap();
    assert_eq!(driver.send("POST", &url).unwrap().body(), b"hello");
    assert_eq!(proxy.seen().len(), 0);
}

fn through(proxy: &Server, credentials: bool) -> TransportOptions {
    let user = if credentials { format!("user:{PASSWORD}@") } else { String::new() };
    proxied(&format!("http://{user}127.0.0.1:{}", proxy.port))
}

fn proxied(url: &str) -> TransportOptions {
    TransportOptions { proxy: Proxy::Url(Secret::from(url)), ..options() }
}
