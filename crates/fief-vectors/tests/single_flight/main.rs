//! Discovery and keys are fetched once for all callers, in both drivers, against a server that
//! counts.
//!
//! No test depends on speed, except that twenty threads must begin within the three seconds of the
//! one test about a timeout. The server holds its answers back until every caller has asked, which
//! the test sees by the clock: a driver loads the provider before it reads the clock, so that two
//! hundred readings mean two hundred callers without keys.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod abandon;
mod driver;
mod server;

use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use driver::{Driver, Failure, Hyper, Ureq};
use fief_testkit::{PATIENCE, clock::Clock, material::token};
use server::{Answer, Server};

const CALLERS: usize = 200;

macro_rules! on_both_drivers {
    ($($name:ident),* $(,)?) => {
        mod ureq {
            $(#[test] fn $name() { super::$name::<super::Ureq>(); })*
        }
        mod hyper {
            $(#[test] fn $name() { super::$name::<super::Hyper>(); })*
        }
    };
}

on_both_drivers!(
    a_cold_client_fetches_each_document_once,
    unknown_keys_cause_one_refetch,
    a_failed_first_fetch_is_shared_and_not_cached,
    a_cut_connection_is_shared_and_not_cached,
    a_refresh_delays_one_caller_at_most,
    old_keys_outlive_the_server,
    a_timeout_ends_the_attempt_for_all,
    no_lock_is_held_while_a_flow_is_resumed,
);

fn a_cold_client_fetches_each_document_once<D: Driver>() {
    let server = Server::start();
    let (driver, clock) = start::<D>(&server);
    let gate = server.hold();
    let callers = call(&driver, CALLERS, &token("access"));
    clock.wait_for_readings(CALLERS);
    gate.open();
    for outcome in finish(callers) {
        outcome.unwrap();
    }
    assert_eq!((server.discoveries(), server.key_sets()), (1, 1));
}

fn unknown_keys_cause_one_refetch<D: Driver>() {
    let server = Server::start();
    let (driver, clock) = start::<D>(&server);
    driver.validate(&token("access")).unwrap();
    clock.advance(2); // what was fetched a second ago is new enough
    let gate = server.hold();
    let before = clock.readings();
    // A valid token of a key that is not published.
    let callers = call(&driver, CALLERS, &token("access_second"));
    clock.wait_for_readings(before + CALLERS);
    gate.open();
    for outcome in finish(callers) {
        assert_eq!(outcome.unwrap_err().names(), ("access_token_invalid", Some("unknown_key")));
    }
    assert_eq!(server.key_sets(), 2, "one first fetch, one refetch");

    // Within the cooldown no caller asks again; after it, one does.
    driver.validate(&token("access_second")).unwrap_err();
    assert_eq!(server.key_sets(), 2);
    clock.advance(10);
    driver.validate(&token("access_second")).unwrap_err();
    assert_eq!(server.key_sets(), 3);
    driver.validate(&token("access")).unwrap();
}

fn a_failed_first_fetch_is_shared_and_not_cached<D: Driver>() {
    fails_for_all::<D>(Answer::Status(500), ("refused", Some("status")));
}

fn a_cut_connection_is_shared_and_not_cached<D: Driver>() {
    fails_for_all::<D>(Answer::Cut, ("transport", Some("io")));
}

fn fails_for_all<D: Driver>(answer: Answer, names: (&str, Option<&str>)) {
    let server = Server::start();
    server.answer(answer);
    let (driver, clock) = start::<D>(&server);
    let gate = server.hold();
    let callers = call(&driver, CALLERS, &token("access"));
    clock.wait_for_readings(CALLERS);
    gate.open();
    for outcome in finish(callers) {
        let failure = outcome.unwrap_err();
        assert_eq!(failure.names(), names);
        let report = &failure.report;
        assert!(
            ["discovery endpoint", "127.0.0.1"].iter().any(|it| report.contains(it)),
            "{report}"
        );
    }
    assert_eq!((server.discoveries(), server.key_sets()), (1, 0));

    server.answer(Answer::Document);
    driver.validate(&token("access")).unwrap();
    assert_eq!((server.discoveries(), server.key_sets()), (2, 1));
}

fn a_refresh_delays_one_caller_at_most<D: Driver>() {
    const CALLERS: usize = 50;
    let server = Server::start();
    let (driver, clock) = start::<D>(&server);
    driver.validate(&token("access")).unwrap();
    clock.advance(11 * 60);
    let gate = server.hold();
    let callers = call(&driver, CALLERS, &token("access"));
    // While the server holds its answer back, all callers but one have finished.
    let (waiting, mut done) = (callers.results, 0);
    while done < CALLERS - 1 {
        waiting.recv_timeout(PATIENCE).expect("a caller waits for the refresh").unwrap();
        done += 1;
    }
    gate.open();
    waiting.recv_timeout(PATIENCE).unwrap().unwrap();
    join(callers.threads);
    assert_eq!((server.discoveries(), server.key_sets()), (1, 2));
}

fn old_keys_outlive_the_server<D: Driver>() {
    let server = Server::start();
    let (driver, clock) = start::<D>(&server);
    driver.validate(&token("access")).unwrap();
    server.answer(Answer::Status(503));
    clock.advance(11 * 60);
    for _ in 0..20 {
        driver.validate(&token("access")).unwrap();
    }
    assert_eq!(server.key_sets(), 2, "one failed attempt, then a back-off");
    clock.advance(60);
    driver.validate(&token("access")).unwrap();
    // The old keys are good enough, so that the call doesn't wait for the attempt.
    while server.key_sets() < 3 {
        driver.validate(&token("access")).unwrap();
    }
    assert_eq!(server.key_sets(), 3, "after the back-off one more");

    // An unknown key may be one that was just published.
    clock.advance(60);
    let failure = driver.validate(&token("access_second")).unwrap_err();
    assert_eq!(failure.names(), ("refused", Some("status")));

    server.answer(Answer::Document);
    clock.advance(10);
    driver.validate(&token("access")).unwrap();
    let failure = driver.validate(&token("access_second")).unwrap_err();
    assert_eq!(failure.names(), ("access_token_invalid", Some("unknown_key")));
}

fn a_timeout_ends_the_attempt_for_all<D: Driver>() {
    let server = Server::start();
    let clock = Clock::new();
    let driver = D::start(server.config(), &clock, Some(Duration::from_secs(3)));
    let gate = server.hold();
    let callers = call(&driver, 20, &token("access"));
    clock.wait_for_readings(20);
    for outcome in finish(callers) {
        assert_eq!(outcome.unwrap_err().names(), ("transport", Some("timeout")));
    }
    assert_eq!(server.discoveries(), 1, "one attempt, and twenty errors");
    gate.open();
}

fn no_lock_is_held_while_a_flow_is_resumed<D: Driver>() {
    let server = Server::start();
    let (driver, _clock) = start::<D>(&server);
    // A flow that, each time it is resumed, waits for a call that takes the lock of shared fetches.
    driver.validate_around(&token("access"), &token("access_second"));
    assert_eq!(server.discoveries(), 1);
}

fn start<D: Driver>(server: &Server) -> (D, Clock) {
    let clock = Clock::new();
    (D::start(server.config(), &clock, None), clock)
}

struct Callers {
    threads: Vec<JoinHandle<()>>,
    results: mpsc::Receiver<Result<(), Failure>>,
}

fn call<D: Driver>(driver: &D, callers: usize, token: &str) -> Callers {
    let (sender, results) = mpsc::channel();
    let threads = (0..callers)
        .map(|_| {
            let (driver, token, sender) = (driver.clone(), token.to_owned(), sender.clone());
            thread::spawn(move || drop(sender.send(driver.validate(&token))))
        })
        .collect();
    Callers { threads, results }
}

fn finish(callers: Callers) -> Vec<Result<(), Failure>> {
    let outcomes = (0..callers.threads.len())
        .map(|_| callers.results.recv_timeout(PATIENCE).expect("a caller never returned"))
        .collect();
    join(callers.threads);
    outcomes
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}
