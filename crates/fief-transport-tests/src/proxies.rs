//! How proxies are used.

use fief_transport::{Proxy, Roots, Secret, TransportOptions};

use crate::{
    Driver, LIMIT, PASSWORD, PLANTED,
    certificates::Authority,
    options, refused, request,
    server::{Server, Then, closed_port, ok},
};

/// `user:hunter2`
const CREDENTIALS: &str = "Basic dXNlcjpodW50ZXIy";

pub fn absolute_form<D: Driver>() {
    let proxy = Server::start(None, |_, stream| {
        let _ = stream.write_all(ok("hello").as_bytes());
        Then::Keep
    });
    // Nobody but the proxy looks the name up.
    for (target, host) in [
        ("http://fief.invalid/path", "fief.invalid"),
        ("http://fief.invalid:8000/path", "fief.invalid:8000"),
        ("http://127.0.0.1:9/path", "127.0.0.1:9"),
    ] {
        let driver = D::new(&through(&proxy, true), true).unwrap();
        for method in ["GET", "POST"] {
            let response = driver.send(&request(method, target), LIMIT).unwrap();
            assert_eq!(response.body(), b"hello");
            let turn = proxy.seen().pop().unwrap();
            assert_eq!(turn.line(), format!("{method} {target}?code={PLANTED} HTTP/1.1"));
            assert_eq!(turn.header("host"), [host]);
            assert_eq!(turn.header("proxy-authorization"), [CREDENTIALS]);
        }
        assert_eq!(proxy.seen().pop().unwrap().exchange, 1, "kept");
    }
    let driver = D::new(&through(&proxy, false), true).unwrap();
    driver.send(&request("GET", "http://fief.invalid/path"), LIMIT).unwrap();
    assert!(proxy.seen().pop().unwrap().header("proxy-authorization").is_empty());
}

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
        let driver = D::new(&options, false).unwrap();
        for _ in 0..2 {
            let response = driver.send(&request("POST", target), LIMIT).unwrap();
            assert_eq!(response.body(), b"hello");
        }
        let turns = proxy.seen();
        let [.., connect, first, second] = turns.as_slice() else { panic!("{turns:?}") };
        assert_eq!(connect.line(), format!("CONNECT {place} HTTP/1.1"));
        assert_eq!(connect.header("host"), [place]);
        assert_eq!(connect.header("proxy-authorization"), [CREDENTIALS]);
        assert!(connect.header("authorization").is_empty());
        for turn in [first, second] {
            assert_eq!(turn.line(), format!("POST /path?code={PLANTED} HTTP/1.1"));
            assert!(turn.header("proxy-authorization").is_empty());
        }
    }
    let options = TransportOptions { roots, ..through(&proxy, true) };
    assert_eq!(refused::<D>(&options, "https://elsewhere.invalid/path"), "tls");
}

pub fn refused_tunnel<D: Driver>() {
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno",
        "garbage\r\n\r\n",
        "",
    ] {
        let proxy = Server::answering(answer);
        let driver = D::new(&through(&proxy, true), true).unwrap();
        let failure =
            driver.send(&request("POST", "https://fief.invalid/path"), LIMIT).unwrap_err();
        assert_eq!(failure.reason, "connect", "{answer}");
        assert!(failure.texts[0].contains(&proxy.port.to_string()), "{failure:?}");
        assert_eq!(proxy.seen().len(), 1);
    }
    let proxy = Server::start(None, |_, stream| {
        while stream.write_all(b"x: y\r\n").is_ok() {}
        Then::Close
    });
    assert_eq!(refused::<D>(&through(&proxy, true), "https://fief.invalid/path"), "connect");
}

/// Towards plain `http` a proxy answers in the server's place, and what it says is the answer.
pub fn failing_proxy<D: Driver>() {
    for (status, reason) in [(407, "Proxy Authentication Required"), (502, "Bad Gateway")] {
        let answer = format!("HTTP/1.1 {status} {reason}\r\ncontent-length: 2\r\n\r\nno");
        let proxy = Server::answering(answer);
        let driver = D::new(&through(&proxy, true), true).unwrap();
        let response = driver.send(&request("POST", "http://fief.invalid/path"), LIMIT).unwrap();
        assert_eq!((response.status().as_u16(), response.body().as_slice()), (status, &b"no"[..]));
    }
    for (answer, reason) in [("garbage\r\n\r\n", "invalid_response"), ("", "io")] {
        let proxy = Server::answering(answer);
        assert_eq!(refused::<D>(&through(&proxy, true), "http://fief.invalid/path"), reason);
        assert_eq!(proxy.seen().len(), 1);
    }
}

pub fn unreachable_proxy<D: Driver>() {
    for target in ["http://fief.invalid/path", "https://fief.invalid/path"] {
        let options = proxied(&format!("http://user:{PASSWORD}@127.0.0.1:{}", closed_port()));
        assert_eq!(refused::<D>(&options, target), "connect");
    }
}

pub fn bad_proxy_urls<D: Driver>() {
    for url in ["", "http://", "socks5://127.0.0.1:1080", "https://127.0.0.1", "ftp://127.0.0.1"] {
        let failure = D::new(&proxied(url), true).err().expect(url);
        assert_eq!(failure.reason, "configuration", "{url}");
    }
    let failure = D::new(&proxied(&format!("http://user:{PASSWORD}@[")), true).err().unwrap();
    assert_eq!(failure.reason, "configuration");
}

fn through(proxy: &Server, credentials: bool) -> TransportOptions {
    let user = if credentials { format!("user:{PASSWORD}@") } else { String::new() };
    proxied(&format!("http://{user}127.0.0.1:{}", proxy.port))
}

fn proxied(url: &str) -> TransportOptions {
    TransportOptions { proxy: Proxy::Url(Secret::from(url)), ..options() }
}
