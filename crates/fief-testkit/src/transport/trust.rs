//! Certificates of servers and of clients.

use std::{
    io::{self, Write as _},
    net::Shutdown,
};

use fief_proto::{Endpoint, Secret};
use fief_transport::{ClientCertificate, Roots, TransportOptions};

use super::{
    BASE, Driver, LIMIT, PLANTED,
    certificates::{Authority, Leaf, version_1},
    driver, options, refused, request,
};
use crate::server::{Server, Then, Tls, by_hand, ok};

pub fn only_root<D: Driver>() {
    let authority = Authority::new();
    let server = serving(authority.leaf("localhost").server());
    fine::<D>(&trusting(&authority), &server);
    let server = serving(authority.leaf("127.0.0.1").server());
    let url = server.https().replace("localhost", "127.0.0.1");
    let driver = driver::<D>(&trusting(&authority));
    assert_eq!(driver.send("GET", &url).unwrap().body(), b"hello");
}

pub fn platform_and_root<D: Driver>() {
    let authority = Authority::new();
    let server = serving(authority.leaf("localhost").server());
    let roots = Roots::PlatformAnd(authority.pem.clone().into_bytes());
    fine::<D>(&TransportOptions { roots, ..options() }, &server);
}

pub fn unknown_root<D: Driver>() {
    let server = serving(Authority::new().leaf("localhost").server());
    assert_eq!(refused::<D>(&trusting(&Authority::new()), &server.https()), "tls");
    let reason = refused::<D>(&options(), &server.https());
    // A machine may have no roots at all.
    assert!(["configuration", "tls"].contains(&reason), "{reason}");
    assert_eq!(server.seen().len(), 0);
}

pub fn self_signed<D: Driver>() {
    let leaf = Leaf::self_signed("localhost");
    let server = serving(leaf.server());
    assert_eq!(refused::<D>(&trusting(&Authority::new()), &server.https()), "tls");
    assert_eq!(server.seen().len(), 0);
}

/// It is compared byte for byte, because it has no other issuer. Name and dates are still checked.
pub fn named_certificate<D: Driver>() {
    for is_authority in [true, false] {
        let leaf = Leaf::of_its_own("localhost", is_authority, 4000);
        let pem = leaf.certificate.clone().into_bytes();
        for roots in [Roots::Only(pem.clone()), Roots::PlatformAnd(pem)] {
            let options = TransportOptions { roots, ..options() };
            fine::<D>(&options, &serving(leaf.server()));
            let other = Leaf::of_its_own("localhost", is_authority, 4000);
            let failure = refusal::<D>(&options, &serving(other.server()));
            assert_eq!(failure.reason, "tls", "another of the same name");
        }
        for (leaf, says) in [
            (Leaf::of_its_own("elsewhere.example", is_authority, 4000), "not valid for"),
            (Leaf::of_its_own("localhost", is_authority, 2020), "expired"),
        ] {
            let roots = Roots::Only(leaf.certificate.clone().into_bytes());
            let failure =
                refusal::<D>(&TransportOptions { roots, ..options() }, &serving(leaf.server()));
            assert_eq!((failure.reason, failure.never_sent), ("tls", true));
            assert!(failure.messages.last().unwrap().contains(says), "{failure:?}");
        }
    }
    // One that an authority has signed, which is not named.
    let leaf = Authority::new().leaf("localhost");
    let roots = Roots::Only(leaf.certificate.clone().into_bytes());
    fine::<D>(&TransportOptions { roots, ..options() }, &serving(leaf.server()));
}

/// A certificate of version 1 can't name a host, and is refused.
pub fn named_certificate_of_version_1<D: Driver>() {
    let old = version_1();
    let pem = Authority::new().pem + &old.certificate;
    for roots in [Roots::Only(pem.clone().into()), Roots::PlatformAnd(pem.into())] {
        let options = TransportOptions { roots, ..options() };
        let failure = refusal::<D>(&options, &serving(old.server_unchecked()));
        assert_eq!(failure.reason, "tls");
        let said = failure.messages.concat();
        assert!(said.contains("block 2") && said.contains("version 3"), "{failure:?}");
    }
}

fn refusal<D: Driver>(options: &TransportOptions, server: &Server) -> super::Failure {
    let failure = driver::<D>(options).send("POST", &server.https()).unwrap_err();
    assert_eq!(server.seen().len(), 0);
    failure
}

pub fn wrong_name<D: Driver>() {
    let authority = Authority::new();
    let server = serving(authority.leaf("elsewhere.example").server());
    assert_eq!(refused::<D>(&trusting(&authority), &server.https()), "tls");
    assert_eq!(server.seen().len(), 0);
}

pub fn expired<D: Driver>() {
    let authority = Authority::new();
    let server = serving(authority.leaf_until("localhost", 2020).server());
    let driver = driver::<D>(&trusting(&authority));
    let failure = driver.send("GET", &server.https()).unwrap_err();
    assert_eq!(failure.reason, "tls");
    assert!(failure.messages.last().unwrap().contains("expired"), "{failure:?}");
    assert_eq!(server.seen().len(), 0);
}

pub fn any_certificate<D: Driver>() {
    let server = serving(Authority::new().leaf_until("elsewhere.example", 2020).server());
    let options = TransportOptions { dangerous_accept_any_certificate: true, ..options() };
    fine::<D>(&options, &server);
}

pub fn client_certificate<D: Driver>() {
    let authority = Authority::new();
    let server = serving(authority.leaf("localhost").server_for_clients_of(&authority));
    let client_certificate = Some(identity(&authority.leaf("client")));
    fine::<D>(&TransportOptions { client_certificate, ..trusting(&authority) }, &server);
}

pub fn missing_client_certificate<D: Driver>() {
    let authority = Authority::new();
    let server = serving(authority.leaf("localhost").server_for_clients_of(&authority));
    assert_eq!(refused::<D>(&trusting(&authority), &server.https()), "tls");
    let client_certificate = Some(identity(&Authority::new().leaf("client")));
    let options = TransportOptions { client_certificate, ..trusting(&authority) };
    assert_eq!(refused::<D>(&options, &server.https()), "tls");
    assert_eq!(server.seen().len(), 0);
}

pub fn expired_client_certificate<D: Driver>() {
    let authority = Authority::new();
    let server = serving(authority.leaf("localhost").server_for_clients_of(&authority));
    let client_certificate = Some(identity(&authority.leaf_until("client", 2020)));
    let options = TransportOptions { client_certificate, ..trusting(&authority) };
    let driver = driver::<D>(&options);
    let failure = driver.send("POST", &server.https()).unwrap_err();
    assert_eq!(failure.reason, "tls");
    assert!(format!("{failure:?}").contains("xpired"), "the server's alert: {failure:?}");
    assert_eq!(server.seen().len(), 0);
}

pub fn foreign_client_key<D: Driver>() {
    let authority = Authority::new();
    let mut leaf = authority.leaf("client");
    leaf.key = authority.leaf("client").key;
    let client_certificate = Some(identity(&leaf));
    misconfigured::<D>(&TransportOptions { client_certificate, ..options() }, "client certificate");
}

pub fn host_override<D: Driver>() {
    let authority = Authority::new();
    let server = serving(authority.leaf("localhost").server());
    let driver = driver::<D>(&trusting(&authority));
    let mut request = request("GET", &server.https());
    request.headers_mut().insert("host", "fief.example".parse().unwrap());
    driver.exchange(Endpoint::Userinfo, request, LIMIT).unwrap();
    assert_eq!(server.seen()[0].header("host"), ["fief.example"]);
}

/// The other side does not speak TLS.
pub fn no_tls_at_all<D: Driver>() {
    let port = by_hand(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.shutdown(Shutdown::Write);
        let _ = io::copy(&mut stream, &mut io::sink());
    });
    let url = format!("https://localhost:{port}/path");
    assert_eq!(refused::<D>(&trusting(&Authority::new()), &url), "tls");
}

pub fn bad_roots<D: Driver>() {
    let not_a_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let no_end = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    let no_base64 = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
    for pem in ["", "nonsense", not_a_certificate, no_end, no_base64] {
        for roots in [Roots::Only(pem.into()), Roots::PlatformAnd(pem.into())] {
            misconfigured::<D>(&TransportOptions { roots, ..options() }, "root certificates");
        }
    }
}

/// Each block is looked at, and named by its position.
pub fn bad_roots_by_block<D: Driver>() {
    let good = Authority::new().pem;
    let block = |label: &str, content: &str| {
        format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
    };
    for (bad, says) in [
        (block("CERTIFICATE", "AAAA"), "block 2"),
        (block("CERTIFICATE", "!!!!"), "block 2"),
        (block("CERTIFICATE REQUEST", "AAAA"), "block 2"),
        (block("TRUSTED CERTIFICATE", "AAAA"), "unknown kind"),
    ] {
        let pem = [good.as_str(), &bad, &good].concat();
        for roots in [Roots::Only(pem.clone().into()), Roots::PlatformAnd(pem.into())] {
            misconfigured::<D>(&TransportOptions { roots, ..options() }, says);
        }
    }
    // A key in the same file is accepted.
    let leaf = Leaf::of_its_own("localhost", true, 4000);
    let roots = Roots::Only([leaf.key.as_str(), &leaf.certificate].concat().into_bytes());
    fine::<D>(&TransportOptions { roots, ..options() }, &serving(leaf.server()));
}

pub fn bad_client_key<D: Driver>() {
    let leaf = Authority::new().leaf("client");
    // A key that has lost its line ends is on the line that the parser's error quotes.
    let one_line = format!("-----BEGIN PRIVATE KEY-----{PLANTED}-----END PRIVATE KEY-----");
    let no_base64 = format!("-----BEGIN PRIVATE KEY-----\n{PLANTED}\n-----END PRIVATE KEY-----\n");
    for key in ["", PLANTED, &one_line, &no_base64, &leaf.certificate] {
        let key = Secret::from(key);
        let chain = leaf.certificate.clone().into_bytes();
        let client_certificate = Some(ClientCertificate { chain, key });
        misconfigured::<D>(&TransportOptions { client_certificate, ..options() }, "client key");
    }
    let client_certificate = Some(ClientCertificate { chain: Vec::new(), key: leaf.key.into() });
    misconfigured::<D>(&TransportOptions { client_certificate, ..options() }, "client certificate");
}

pub fn kept_tls_connections<D: Driver>() {
    let authority = Authority::new();
    let server = Server::start(Some(authority.leaf("localhost").server()), |turn, stream| {
        if (turn.connection, turn.exchange) == (0, 2) {
            return Then::Close;
        }
        stream.write_all(ok("hello").as_bytes()).unwrap();
        Then::Keep
    });
    let driver = driver::<D>(&trusting(&authority));
    for _ in 0..3 {
        driver.send("GET", &server.https()).unwrap();
    }
    let turns: Vec<_> = server.seen().iter().map(|turn| (turn.connection, turn.exchange)).collect();
    assert_eq!(turns, [(0, 0), (0, 1), (0, 2), (1, 0)]);
}

fn trusting(authority: &Authority) -> TransportOptions {
    TransportOptions { roots: Roots::Only(authority.pem.clone().into_bytes()), ..options() }
}

fn identity(leaf: &Leaf) -> ClientCertificate {
    let chain = leaf.certificate.clone().into_bytes();
    ClientCertificate { chain, key: Secret::from(leaf.key.as_str()) }
}

fn serving(tls: Tls) -> Server {
    Server::start(Some(tls), |_, stream| {
        let _ = stream.write_all(ok("hello").as_bytes());
        Then::Keep
    })
}

fn fine<D: Driver>(options: &TransportOptions, server: &Server) {
    let driver = driver::<D>(options);
    let response = driver.send("POST", &server.https()).unwrap();
    assert_eq!(response.body(), b"hello");
    assert_eq!(server.seen()[0].body, b"name=value");
}

fn misconfigured<D: Driver>(options: &TransportOptions, what: &str) {
    let failure = D::new(options, BASE, None).err().expect("a wrong option");
    assert_eq!(failure.reason, "configuration");
    assert!(failure.messages[0].contains(what), "{failure:?}");
}
