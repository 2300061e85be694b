//! Requests of all kinds leave nothing behind, whoever sends them.
//!
//! Alone in its process, because it looks at the memory of the whole of it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{
    fs,
    time::{Duration, Instant},
};

use fief_devserver::DevServer;
use ureq::Agent;

const REQUESTS: usize = 10_000;

/// What allocators keep back for later; a leak of half a kilobyte a request is more.
const SLACK: usize = 4 * 1024 * 1024;

#[test]
fn mixed_requests_leave_memory_flat() {
    let began = Instant::now();
    let server = DevServer::start().unwrap();
    let agent = agent();
    send(&agent, &server, 0);
    println!("from the start to the first answer: {:?}", began.elapsed());

    // Fills what has a greatest size: the log of requests, the sessions that wait.
    for number in 0..5000 {
        send(&agent, &server, 3);
        send(&agent, &server, number);
    }
    let before = resident();
    for number in 0..REQUESTS {
        send(&agent, &server, number);
    }
    let after = resident();
    println!("resident: {before} bytes before {REQUESTS} requests, {after} after");
    assert!(after < before + SLACK, "from {before} to {after} bytes");
}

/// A request of each kind in turn, good and bad.
fn send(agent: &Agent, server: &DevServer, number: usize) {
    let base = server.base_url();
    let authorize = format!(
        "{base}/authorize?response_type=code&client_id=devserver&scope=openid&state={number}\
         &redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fcallback"
    );
    let garbage = "\u{fffd}%00%".repeat(50);
    let get = |url: &str| agent.get(url).header("authorization", "Bearer garbage").call();
    let post = |path: &str, body: String| {
        let request = agent.post(format!("{base}{path}"));
        request.content_type("application/x-www-form-urlencoded").send(body)
    };
    let response = match number % 12 {
        0 => get(&format!("{base}/.well-known/openid-configuration")),
        1 => get(&format!("{base}/.well-known/jwks.json")),
        2 => get(&format!("{base}/login")),
        3 => get(&authorize),
        4 => post("/login", format!("email={number}@example.com&password=wrong")),
        5 => post("/api/token", format!("grant_type=authorization_code&code={number}")),
        6 => get(&format!("{base}/api/userinfo")),
        7 => get(&format!("{base}/nowhere/{number}")),
        8 => post("/api/token", garbage),
        9 => get(&format!("{base}/logout?redirect_uri={number}")),
        10 => post("/consent", "allow=allow".to_owned()),
        _ => get(&format!("{base}/authorize?client_id={number}")),
    };
    let mut response = response.unwrap();
    assert_ne!(response.status(), 500);
    response.body_mut().read_to_vec().unwrap();
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(60)));
    config.build().into()
}

/// Bytes of memory that this process has.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}
