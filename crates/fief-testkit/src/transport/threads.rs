//! One client, many threads.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex},
    thread,
};

use super::{Driver, driver, options};
use crate::{
    PATIENCE,
    server::{Server, Stream, Then, Turn, ok},
};

const THREADS: usize = 16;
const REQUESTS: usize = 48;

/// Each thread gets its own answer, or the fault that it asked for, whatever happens to the others.
pub fn each_gets_its_own<D: Driver>() {
    let server = Server::start(None, by_path);
    let driver = Arc::new(driver::<D>(&options()));
    let base = server.url();
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (driver, base) = (Arc::clone(&driver), base.clone());
            thread::spawn(move || {
                for number in 0..REQUESTS {
                    let method = if number % 2 == 0 { "GET" } else { "POST" };
                    let fault = FAULTS[(thread + number / 2) % FAULTS.len()];
                    let path = format!("/{fault}/{thread}/{number}");
                    let outcome = driver.send(method, &format!("{base}{path}"));
                    match (fault, outcome) {
                        ("none", Ok(response)) => {
                            assert_eq!(String::from_utf8_lossy(response.body()), path);
                        }
                        ("garbage", Err(failure)) => assert_eq!(failure.reason, "invalid_response"),
                        ("cut" | "half" | "reset", Err(failure)) => {
                            assert_eq!(failure.reason, "io", "{path}");
                        }
                        (_, outcome) => panic!("{path}: {outcome:?}"),
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }

    let mut sent = HashMap::<String, usize>::new();
    for turn in server.seen() {
        *sent.entry(turn.line().to_owned()).or_default() += 1;
    }
    assert_eq!(sent.len(), THREADS * REQUESTS);
    for (line, times) in sent {
        let greatest = if line.starts_with("GET") { 2 } else { 1 };
        assert!(times <= greatest, "{line}: sent {times} times");
    }
}

const FAULTS: [&str; 6] = ["none", "reset", "none", "half", "cut", "garbage"];

fn by_path(turn: &Turn, stream: &mut dyn Stream) -> Then {
    let path = turn.line().split([' ', '?']).nth(1).unwrap().trim_start_matches("/path");
    let (answer, then) = match path.split('/').nth(1).unwrap() {
        "none" => (ok(path), Then::Keep),
        "reset" => (String::new(), Then::Reset),
        "cut" => (String::new(), Then::Close),
        "half" => ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_owned(), Then::Close),
        "garbage" => ("garbage\r\n\r\n".to_owned(), Then::Close),
        other => panic!("{other}"),
    };
    let _ = stream.write_all(answer.as_bytes());
    then
}

/// A request that waits does not delay the others.
pub fn one_delays_no_other<D: Driver>() {
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let held = Arc::clone(&gate);
    let server = Server::start(None, move |turn, stream| {
        if turn.line().starts_with("GET /path/held") {
            let (is_open, opened) = &*held;
            let guard = is_open.lock().unwrap();
            drop(opened.wait_timeout_while(guard, PATIENCE, |is_open| !*is_open).unwrap());
        }
        let _ = stream.write_all(ok("hello").as_bytes());
        Then::Keep
    });
    let driver = Arc::new(driver::<D>(&options()));
    let (first, url) = (Arc::clone(&driver), format!("{}/held", server.url()));
    let held = thread::spawn(move || first.send("GET", &url));
    while server.seen().is_empty() {
        thread::yield_now();
    }
    for _ in 0..10 {
        driver.send("POST", &server.url()).unwrap();
    }
    assert!(!held.is_finished(), "it was to wait");
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    assert_eq!(held.join().unwrap().unwrap().body(), b"hello");
}
