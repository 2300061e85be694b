//! The core without a driver of ours: one owner, and many tasks.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

#[allow(dead_code, reason = "it is a program, too")]
#[path = "../examples/smol.rs"]
mod many;
mod program;

use std::{io::Write as _, process::Stdio, sync::Arc, thread, time::Duration};

use fief_devserver::{Client, DevServer, Endpoint, Fault};
use fief_examples::{REDIRECT_URI, embedded::USER};
use fief_proto::{AccessTokenInfo, Config, Error, Requirements};
use smol::lock::RwLock;

use crate::{many::Driver, program::example};

const CLIENT_ID: &str = "embedded";

fn server() -> DevServer {
    DevServer::builder()
        .client(Client::public(CLIENT_ID).redirect_uri(REDIRECT_URI))
        .start()
        .unwrap()
}

fn driver(config: Config) -> Arc<Driver> {
    let client = config.build().unwrap();
    Arc::new(Driver { client, known: RwLock::default(), flight: Arc::default() })
}

/// With the defaults of a client in production.
fn config(server: &DevServer) -> Config {
    Config::new(server.base_url(), CLIENT_ID)
}

fn token(server: &DevServer) -> String {
    server.access_token(USER.0, CLIENT_ID, &["openid"]).unwrap().expose().to_owned()
}

/// Sixteen tasks validate it at once.
fn validate(driver: &Arc<Driver>, token: &str) -> Vec<Result<AccessTokenInfo, Error>> {
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (driver, token) = (Arc::clone(driver), token.to_owned());
            smol::spawn(async move {
                let any = Requirements::none();
                driver.run(driver.client.validate_access_token(&token, &any)).await
            })
        })
        .collect();
    tasks.into_iter().map(smol::block_on).collect()
}

fn fetches(server: &DevServer) -> (usize, usize) {
    (server.requests_to(Endpoint::Discovery), server.requests_to(Endpoint::Keys))
}

#[test]
fn one_fetch_serves_all_who_know_nothing() {
    let server = server();
    // So that all of them ask before it is answered.
    server.fault(Endpoint::Discovery, Fault::Delay(Duration::from_millis(200)));
    for outcome in validate(&driver(config(&server)), &token(&server)) {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!(fetches(&server), (1, 1));
}

/// A client whose keys are always due, and may be fetched again at once.
fn impatient(server: &DevServer) -> Config {
    config(server).keys_due_after(Duration::ZERO).key_refetch_cooldown(Duration::ZERO)
}

#[test]
fn no_task_waits_for_keys_that_are_due() {
    let server = server();
    let (driver, token) = (driver(impatient(&server)), token(&server));
    assert!(validate(&driver, &token).iter().all(Result::is_ok));
    let (_, before) = fetches(&server);

    server.rotate_keys().unwrap();
    // A task that waits for it fails after half a minute, by the deadline of the exchange.
    server.fault(Endpoint::Keys, Fault::Delay(Duration::from_secs(60 * 60)));
    assert!(validate(&driver, &token).iter().all(Result::is_ok), "with the keys at hand");
    assert!(validate(&driver, &token).iter().all(Result::is_ok), "while they are fetched");
    while fetches(&server).1 == before {
        thread::yield_now(); // it may not have arrived yet
    }
    assert_eq!(fetches(&server), (1, before + 1), "one fetch, which is under way");
}

#[test]
fn a_rotation_costs_one_fetch() {
    let server = server();
    let driver = driver(config(&server).key_refetch_cooldown(Duration::ZERO));
    let before = token(&server);
    assert!(validate(&driver, &before).iter().all(Result::is_ok));

    server.rotate_keys().unwrap();
    let after = token(&server);
    assert!(validate(&driver, &after).iter().all(Result::is_ok), "once the new key is known");
    assert_eq!(fetches(&server), (1, 2));
}

#[test]
fn many_tokens_on_standard_input() {
    let server = server();
    let validate = |tokens: &[&str]| {
        let mut process = example("smol")
            .args([server.base_url(), CLIENT_ID])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = tokens.join("\n");
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        let all = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(all).unwrap())
    };
    let token = token(&server);
    let (is_success, output) = validate(&[token.as_str(); 16]);
    assert!(is_success, "{output}");
    assert_eq!(output.matches("castles:read").count(), 16, "{output}");
    assert!(!output.contains("eyJ"), "a token stands in\n{output}");
    assert_eq!(fetches(&server), (1, 1));

    let (is_success, output) = validate(&["garbage"]);
    assert!(!is_success && output.contains("AccessToken"), "{output}");
    assert_eq!(fetches(&server), (1, 1), "nothing is fetched for it");
}

#[test]
fn one_owner_by_hand() {
    let server = server();
    let output = example("by_hand").args([server.base_url(), CLIENT_ID]).output().unwrap();
    let url = String::from_utf8(output.stdout).unwrap();
    let base = server.base_url();
    assert!(url.starts_with(&format!("{base}/authorize?response_type=code&")), "{url}");
    assert_eq!(fetches(&server), (1, 0));
}
