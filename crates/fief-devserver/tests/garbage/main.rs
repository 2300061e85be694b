//! Garbage for every endpoint and page: each is answered in a form that the real server has, and
//! the server goes on as before.
//!
//! A handler that panics closes its connection without an answer, and one that hangs never closes
//! it: both fail here.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

use fief_devserver::{Client, DevServer, FieldType, Tenant, UserField};
use fief_testkit::http::{self, Answer};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, FileFailurePersistence, RngSeed},
};
use serde_json::json;

const METHODS: [&str; 9] =
    ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"];

const CONTENT_TYPES: [&str; 8] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain; charset=\u{ff}",
    "application/x-www-form-urlencoded; charset=utf-16",
    "/",
    "",
];

const COOKIES: [&str; 10] = [
    "fief_session=",
    "fief_session=\"",
    "fief_login_session=x",
    "fief_csrftoken=x",
    "fief_csrftoken=\"\"",
    "fief_login_hint=%ff%zz",
    "fief_locale=%00",
    "fief_locale=fr; ; =",
    "=;=;=",
    "fief_registration_session=x",
];

/// The last one is replaced with the token of a user who has just signed in.
const AUTHORIZATIONS: [&str; 9] = [
    "Bearer",
    "Bearer a.b.c",
    "bearer eyJhbGciOiJSUzI1NiJ9.e30.",
    "Basic",
    "Basic !",
    "Basic Og==",
    "Basic /////w==",
    "\u{ff}",
    "TOKEN",
];

fn start() -> DevServer {
    DevServer::builder()
        .client(
            Client::confidential("web", "secret").redirect_uri("http://localhost:8000/callback"),
        )
        .tenant(Tenant::new("Second"))
        .user_field(UserField::new("castles", FieldType::Integer))
        .user_field(UserField::new("birthdate", FieldType::Date))
        .user_field(UserField::new("coronation", FieldType::Datetime))
        .user_field(UserField::new("phone", FieldType::PhoneNumber))
        .user_field(UserField::new("address", FieldType::Address))
        .user_field(UserField::new("timezone", FieldType::Timezone))
        .start()
        .unwrap()
}

/// The header of a user who has just signed in.
fn authorization(server: &DevServer) -> String {
    let token = server.access_token_with("anne@bretagne.duchy", "web", json!({"acr": "1"}));
    format!("Bearer {}", token.unwrap().expose())
}

#[derive(Debug)]
struct Garbage {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

fn garbage() -> impl Strategy<Value = Garbage> {
    let query = vec(select(lines(include_str!("pieces.txt"))), 0..6)
        .prop_map(|pieces| encoded(&pieces.join("&")));
    let form = vec(select(lines(include_str!("pieces.txt"))), 0..8)
        .prop_map(|pieces| pieces.join("&").into_bytes());
    let json = select(lines(include_str!("json.txt"))).prop_map(|json| json.as_bytes().to_vec());
    let body = prop_oneof![
        Just(None),
        form.prop_map(Some),
        json.prop_map(Some),
        vec(any::<u8>(), 0..200).prop_map(Some),
    ];
    let header = |name: &'static str, values: &'static [&'static str]| {
        proptest::option::of(select(values))
            .prop_map(move |value| value.map(|value| (name.to_owned(), value.to_owned())))
    };
    let headers = (
        header("Content-Type", &CONTENT_TYPES),
        header("Cookie", &COOKIES),
        header("Authorization", &AUTHORIZATIONS),
        header("Accept-Encoding", &["gzip", "gzip;q=0", "br, *", "\u{ff}"]),
        header("Origin", &["null", "http://a.example", "\u{ff}"]),
        header("Access-Control-Request-Method", &["GET", "", "\u{ff}"]),
        header("Accept-Language", &["fr", ";;;q", "en;q=9e999", "\u{ff}"]),
        header("X-Forwarded-Host", &["a b", "", "\u{ff}", "evil.example/\"<"]),
    )
        .prop_map(|(a, b, c, d, e, f, g, h)| {
            [a, b, c, d, e, f, g, h].into_iter().flatten().collect::<Vec<_>>()
        });
    (select(&METHODS[..]), select(lines(include_str!("paths.txt"))), query, headers, body).prop_map(
        |(method, path, query, headers, body)| {
            let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
            Garbage { method, target, headers, body }
        },
    )
}

/// Pieces of input that may cause errors.
fn lines(file: &'static str) -> Vec<&'static str> {
    file.lines().collect()
}

/// What can't be part of the first line of a request, percent-encoded; a lone `%` stays.
fn encoded(query: &str) -> String {
    query
        .bytes()
        .map(|byte| match byte {
            b'!'..=b'~' => char::from(byte).to_string(),
            other => format!("%{other:02x}"),
        })
        .collect()
}

#[test]
fn garbage_is_answered_like_the_real_server() {
    let server = start();
    let authorization = authorization(&server);
    let config = Config {
        cases: 1500,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        rng_seed: RngSeed::Fixed(1488),
        ..Config::default()
    };
    proptest!(config, |(garbage in garbage())| {
        let Garbage { method, target, headers, body } = &garbage;
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.replace("TOKEN", &authorization)))
            .collect();
        let answer = http::send(server.base_url(), method, target, &headers, body.as_deref());
        prop_assert!(is_in_form(&answer), "{garbage:?}\n{} {}", answer.status, answer.text());
    });
    still_works(&server);
}

#[test]
fn what_is_no_http_is_answered_or_cut_off() {
    let server = start();
    let port = server.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let long = "a".repeat(100_000);
    for bytes in [
        b"\0\0\0\0\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET /login HTTP/9.9\r\n\r\n".to_vec(),
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET http://[/ HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_vec(),
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_vec(),
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /login HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /login HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n".to_vec(),
        b"POST /api/token HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n".to_vec(),
        b"POST /api/token HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
            .to_vec(),
        b"POST /api/token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        format!("GET /login HTTP/1.1\r\nHost: a\r\nCookie: {long}\r\nConnection: close\r\n\r\n")
            .into_bytes(),
        format!("GET /login?{long} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").into_bytes(),
        format!("GET /{long} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").into_bytes(),
    ] {
        let answer = http::exchange(port, &bytes).unwrap();
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        // A malformed request must not be answered with success.
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 "), "{shown}");
        still_works(&server);
    }
}

#[test]
fn large_and_deep_bodies_are_refused() {
    let server = start();
    let json = [("Content-Type".to_owned(), "application/json".to_owned())];
    let form = [("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    let large = vec![b'a'; 2 * 1024 * 1024];
    for (method, path) in [
        ("POST", "/api/token"),
        ("PATCH", "/api/profile"),
        ("PATCH", "/api/password"),
        ("POST", "/login"),
        ("POST", "/register"),
        ("POST", "/consent"),
        ("POST", "/verify"),
    ] {
        for headers in [&json, &form] {
            let answer = http::send(server.base_url(), method, path, headers, Some(&large));
            assert!(is_in_form(&answer), "{path} {}", answer.status);
            assert!(answer.status >= 300, "{path} {}", answer.status);
        }
    }
    let deep = vec![b'['; 500_000];
    for path in ["/api/profile", "/api/password"] {
        let answer = http::send(server.base_url(), "PATCH", path, &json, Some(&deep));
        assert!(is_in_form(&answer), "{path} {}", answer.status);
    }
    let many = "a=b&".repeat(200_000).into_bytes();
    let answer = http::send(server.base_url(), "POST", "/api/token", &form, Some(&many));
    assert_eq!(answer.status, 400);
    still_works(&server);
}

fn still_works(server: &DevServer) {
    let answer = http::send(server.base_url(), "GET", "/.well-known/jwks.json", &[], None);
    assert_eq!(answer.status, 200);
}

/// Whether the real server has answers of this form: pages, `detail`, `error`, redirects, and plain
/// text for its failures and for preflight requests.
fn is_in_form(answer: &Answer) -> bool {
    let content_type = answer.header("content-type").unwrap_or_default();
    if answer.header("x-content-type-options") != Some("nosniff")
        && answer.header("access-control-max-age").is_none()
    {
        // Only what the HTTP layer itself refuses comes without the headers of all answers.
        return (400..500).contains(&answer.status) && answer.body.is_empty();
    }
    match answer.status {
        500 => answer.body == b"Internal Server Error",
        // An answer to HEAD, or a redirect.
        _ if answer.body.is_empty() => true,
        _ if content_type.starts_with("application/json") => {
            let gzip = answer.header("content-encoding").is_some();
            gzip || answer.json().is_some_and(|body| {
                answer.status < 300 || body.get("detail").is_some() || body.get("error").is_some()
            })
        }
        _ if content_type.starts_with("text/html") => true,
        200 | 400 => answer.header("access-control-max-age").is_some() || answer.status == 200,
        _ => false,
    }
}
