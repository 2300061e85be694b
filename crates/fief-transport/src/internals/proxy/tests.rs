use std::collections::HashMap;

use fief_proto::Secret;

use super::*;

const BASE: &str = "https://fief.example.com/tenant";

#[test]
fn the_first_variable_that_is_set_counts() {
    let order = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    for from in 0..order.len() {
        let set: Vec<_> =
            order.iter().skip(from).map(|name| (*name, format!("http://{name}:1"))).collect();
        let set: Vec<_> = set.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let host = order.get(from).map(|name| format!("{}:1", name.to_lowercase()));
        assert_eq!(chosen(BASE, &set), Ok(host));
    }
    let empty = [("https_proxy", ""), ("ALL_PROXY", "proxy:3128")];
    assert_eq!(chosen(BASE, &empty), Ok(Some("proxy:3128".to_owned())));
    assert_eq!(chosen(BASE, &[]), Ok(None));
}

#[test]
fn plain_http_and_this_machine_go_direct() {
    let set = [("HTTP_PROXY", "http://a"), ("http_proxy", "http://a"), ("ALL_PROXY", "http://a")];
    for base in [
        "http://localhost:8000",
        "http://fief.localhost",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "http://fief.example.com",
        "https://localhost",
        "https://Fief.Localhost:8443/tenant",
        "https://127.9.9.9",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
    ] {
        assert_eq!(chosen(base, &set), Ok(None), "{base}");
        // Not even looked at.
        let broken = [("HTTPS_PROXY", "socks://a"), ("ALL_PROXY", "nonsense://")];
        assert_eq!(chosen(base, &broken), Ok(None), "{base}");
    }
}

#[test]
fn a_proxy_that_would_be_used_and_cannot_be_names_its_variable() {
    for value in
        ["socks5://proxy:1080", "socks://proxy", "https://proxy", "http://", "http://[", "ftp://a"]
    {
        for name in ["HTTPS_PROXY", "all_proxy"] {
            let error = chosen(BASE, &[(name, value)]).expect_err(value);
            assert!(error.contains(name), "{error}");
            let elsewhere = [(name, value), ("NO_PROXY", "example.com")];
            assert_eq!(chosen(BASE, &elsewhere), Ok(None));
        }
    }
    let not_utf8 = |name: &str| (name == "HTTPS_PROXY").then_some(None);
    assert!(choose(BASE, &Proxy::Environment, not_utf8).is_err());
}

#[test]
fn an_explicit_proxy_wants_https() {
    let proxy = Proxy::Url(Secret::from("http://proxy:3128"));
    let found =
        |base| choose(base, &proxy, |_| None).map(|proxy| proxy.map(|proxy| proxy.address()));
    assert_eq!(found(BASE), Ok(Some("proxy:3128".to_owned())));
    assert_eq!(found("https://localhost:8443"), Ok(None));
    for base in ["http://localhost:8000", "http://fief.example.com"] {
        assert!(found(base).is_err_and(|error| error.to_string().contains("http")), "{base}");
    }
}

#[test]
fn credentials_are_decoded() {
    for (url, sent) in [
        ("http://user:p%40ss@proxy", Some("user:p@ss")),
        ("http://user@proxy:1", Some("user:")),
        ("user:pa:ss@proxy:1", Some("user:pa:ss")),
        ("http://%E6@proxy", Some("\u{fffd}:")),
        ("http://proxy/ignored?query", None),
    ] {
        let request = ProxyServer::parse(url).expect(url).connect_request("fief.example", 443);
        let request = String::from_utf8_lossy(&request).into_owned();
        let found = request.split_once("Proxy-Authorization: Basic ").map(|(_, rest)| {
            let encoded = rest.split("\r\n").next().unwrap_or_default();
            String::from_utf8_lossy(&BASE64_STANDARD.decode(encoded).expect(url)).into_owned()
        });
        assert_eq!(found.as_deref(), sent, "{url}");
    }
}

/// What curl, Go and httpx agree on; where they don't, the reading that sends less through a proxy.
#[test]
fn no_proxy_lists_names_networks_and_ports() {
    let (name, v4, v6) = ("https://fief.example.com", "https://10.1.2.3:8443", "https://[fd00::7]");
    for (list, direct) in [
        ("", [false, false, false]),
        ("*", [true, true, true]),
        ("example.org, *", [true, true, true]),
        ("example.com", [true, false, false]),
        ("EXAMPLE.com", [true, false, false]),
        (".example.com", [true, false, false]),
        ("*.example.com", [true, false, false]),
        ("fief.example.com", [true, false, false]),
        ("fief.example.com.", [true, false, false]),
        ("com", [true, false, false]),
        ("ample.com", [false, false, false]),
        ("a.fief.example.com", [false, false, false]),
        ("fief.example.com:443", [true, false, false]),
        ("fief.example.com:8443", [false, false, false]),
        ("localhost 10.0.0.0/8", [false, true, false]),
        ("10.1.2.3", [false, true, false]),
        ("10.1.2.3:8443", [false, true, false]),
        ("10.1.2.3:443", [false, false, false]),
        ("0.0.0.0/0", [false, true, false]),
        ("fd00::/8", [false, false, true]),
        ("[fd00::7]", [false, false, true]),
        ("[fd00::7]:443", [false, false, true]),
        ("fd00::7", [false, false, true]),
        ("::/0", [false, false, true]),
        // Not understood.
        ("10.0.0.0/99", [false, false, false]),
        ("10.0.0.0/x", [false, false, false]),
        ("http://fief.example.com", [false, false, false]),
        ("fief.example.com:port", [false, false, false]),
        ("f*f.example.com", [false, false, false]),
        (".", [false, false, false]),
        ("[fd00::7", [false, false, false]),
        (",,", [false, false, false]),
        ("10.0.0.0/99,example.com", [true, false, false]),
    ] {
        for (base, direct) in [name, v4, v6].into_iter().zip(direct) {
            let set = [("HTTPS_PROXY", "http://proxy"), ("NO_PROXY", list)];
            let found = chosen(base, &set).map(|proxy| proxy.is_none());
            assert_eq!(found, Ok(direct), "{list} {base}");
        }
    }
}

#[test]
fn an_answer_to_connect_is_judged() {
    let proxy = ProxyServer::parse("proxy:1").expect("a proxy");
    let judge = |read: &[u8]| proxy.answer(read).map_err(|error| error.to_string());
    assert_eq!(judge(b"HTTP/1.1 200 OK\r\n"), Ok(None));
    assert_eq!(judge(b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n"), Ok(Some(())));
    assert_eq!(judge(b"HTTP/1.0 204 \r\n\r\n"), Ok(Some(())));
    for (read, said) in [
        (&b"HTTP/1.1 407 No\r\n\r\n"[..], "407"),
        (b"HTTP/1.1 502 No\r\n\r\n", "502"),
        (b"HTTP/1.1 200 OK\r\n\r\nx", "more"),
        (b"garbage\r\n\r\n", "not HTTP"),
        (b"\r\n\r\n", "not HTTP"),
        (&[b'x'; MAX_TUNNEL_HEAD], "too large"),
    ] {
        let error = judge(read).expect_err(said);
        assert!(error.contains(said) && error.contains("proxy:1"), "{error}");
    }
}

fn chosen(base: &str, set: &[(&str, &str)]) -> Result<Option<String>, String> {
    let set: HashMap<_, _> = set.iter().copied().collect();
    let variable = |name: &str| set.get(name).map(|value| Some((*value).to_owned()));
    choose(base, &Proxy::Environment, variable)
        .map(|proxy| proxy.map(|proxy| proxy.address()))
        .map_err(|error| error.to_string())
}
