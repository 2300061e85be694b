use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::*;

const TARGETS: [&str; 11] = [
    "http://example.com/path",
    "https://example.com/path",
    "https://EXAMPLE.com/path",
    "http://sub.example.com:8000/path",
    "http://notexample.com/path",
    "http://localhost:8000/path",
    "http://127.0.0.1:8000/path",
    "http://192.168.7.9/path",
    "http://10.0.0.1/path",
    "http://[::1]:8000/path",
    "https://[fd00::7]/path",
];

#[test]
fn agrees_with_the_matcher_of_hyper_util() {
    let lists = [
        "",
        "example.com",
        ".example.com",
        " Example.COM , localhost",
        "com",
        "xample.com",
        "127.0.0.1",
        "192.168.0.0/16, fd00::/8",
        "10.0.0.1/32,::1",
        "0.0.0.0/0",
        "10.0.0.0/99",
        "[::1]",
        ",,",
        ".",
    ];
    let urls = [
        "",
        "proxy:3128",
        "http://proxy:3128",
        "http://user:p%40ss@proxy",
        "http://user@proxy:1",
        "http://proxy:3128/ignored?query",
        "ftp://proxy",
        "http://",
        "not a url",
    ];
    for list in lists {
        for url in urls {
            for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
                compare(variable, url, list);
            }
        }
    }
}

fn compare(variable: &str, url: &str, list: &str) {
    let ours = read(&[(variable, url), ("NO_PROXY", list)]);
    let builder = Matcher::builder().no(list);
    let theirs = match variable {
        "HTTP_PROXY" => builder.http(url),
        "HTTPS_PROXY" => builder.https(url),
        _ => builder.all(url),
    }
    .build();
    for target in TARGETS.map(Uri::from_static) {
        let context = format!("{variable}={url} NO_PROXY={list} {target}");
        let theirs = theirs.intercept(&target);
        let ours = ours.server(&target).expect(&context);
        let place = ours.map(|server| &server.uri);
        assert_eq!(place, theirs.as_ref().map(Intercept::uri), "{context}");
        let authorization = ours.and_then(|server| server.authorization.as_ref());
        let expected = theirs.as_ref().and_then(|server| server.basic_auth());
        assert_eq!(authorization, expected, "{context}");
    }
}

#[test]
fn capitals_win_over_small_letters() {
    let both = read(&[("HTTP_PROXY", "http://large"), ("http_proxy", "http://small")]);
    assert_eq!(place(&both, TARGETS[0]), Some("http://large/".to_owned()));
    let small = read(&[("https_proxy", "http://small"), ("no_proxy", "localhost")]);
    assert_eq!(place(&small, TARGETS[1]), Some("http://small/".to_owned()));
    assert_eq!(place(&small, TARGETS[0]), None);
}

#[test]
fn a_scheme_has_its_own_proxy() {
    let both = read(&[("HTTP_PROXY", "http://one"), ("ALL_PROXY", "http://all")]);
    assert_eq!(place(&both, TARGETS[0]), Some("http://one/".to_owned()));
    assert_eq!(place(&both, TARGETS[1]), Some("http://all/".to_owned()));
}

#[test]
fn a_star_means_every_host() {
    for list in ["*", "example.org, *"] {
        let star = read(&[("ALL_PROXY", "http://proxy"), ("NO_PROXY", list)]);
        for target in TARGETS {
            assert_eq!(place(&star, target), None, "{target}");
        }
    }
}

#[test]
fn a_visitor_of_a_cgi_program_sets_no_proxy() {
    let cgi = read(&[("HTTP_PROXY", "http://proxy"), ("REQUEST_METHOD", "GET")]);
    assert_eq!(place(&cgi, TARGETS[0]), None);
}

#[test]
fn a_proxy_of_another_kind_is_an_error_where_it_matters() {
    for url in ["socks5://proxy:1080", "https://proxy"] {
        let proxies = read(&[("HTTPS_PROXY", url), ("NO_PROXY", "fd00::/8")]);
        assert!(proxies.server(&Uri::from_static(TARGETS[1])).is_err());
        assert_eq!(place(&proxies, TARGETS[0]), None);
        assert_eq!(place(&proxies, TARGETS[10]), None);
    }
}

fn place(proxies: &Proxies, target: &'static str) -> Option<String> {
    let server = proxies.server(&Uri::from_static(target)).expect("no error");
    server.map(|server| server.uri.to_string())
}

fn read(variables: &[(&str, &str)]) -> Proxies {
    Proxies::from_variables(|name| {
        let found = variables.iter().find(|(this, _)| *this == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}
