//! How much memory a client uses at most, whatever the server answers.
//!
//! Each answer is read in a process of its own: the test runs itself again, so that neither the
//! server's memory nor what an earlier answer left behind is counted. What is measured is the
//! growth from after a good exchange to the peak of two bad ones.

use std::{env, fs, process::Command, time::Duration};

use crate::{PATIENCE, server::Server};

mod answers;
mod server;

/// An answer, and the expected outcome.
pub struct Case {
    pub name: &'static str,
    pub call: Call,
    /// The kind and the reason of the error, or `ok`. Where it depends, one `or` another.
    pub outcome: &'static str,
    _server: Server,
}

/// What a driver is to do.
#[derive(Clone, Debug)]
pub struct Call {
    /// The server's, for the configuration.
    pub base_url: String,
    pub operation: Operation,
    /// For the whole exchange.
    pub timeout: Duration,
}

/// The operation of the client, and hence the request with the bad answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    /// `login`
    Discovery,
    /// `validate_access_token`
    Keys,
    /// `userinfo`
    Userinfo,
}

/// Its signature is never checked, because there is never a key for it.
pub const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im5vbmUifQ.e30.AAAA";

/// The most that an answer may take, in KiB. What has no end passes any bound; what is within the
/// limits takes a third of this, so that neither allocator nor machine matters.
const CAP: usize = 64 * 1024;

/// The cases for every driver. The first answer is a correct one.
pub fn cases() -> Vec<Case> {
    answers::all().into_iter().map(server::serve).collect()
}

/// Has the driver read every answer, prints a table, and checks the caps.
///
/// `test` is the name of the test that calls this, and the only one in the process that it starts.
/// `call` makes a client, and returns the kind and the reason of the error, or `ok`.
pub fn hold(test: &str, cases: fn() -> Vec<Case>, call: impl Fn(&Call) -> String) {
    if let Ok(urls) = env::var(URLS) {
        return measure(&urls, &env::var(OPERATION).unwrap(), &env::var(TIMEOUT).unwrap(), call);
    }
    let cases = cases();
    let good = &cases[0].call.base_url;
    println!("{:40} {:>12}  outcome", "answer", "growth (KiB)");
    for Case { name, call, outcome: expected, .. } in &cases {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(URLS, format!("{good} {}", call.base_url))
            .env(OPERATION, format!("{:?}", call.operation))
            .env(TIMEOUT, call.timeout.as_millis().to_string())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        let found = printed.lines().find_map(|line| line.strip_prefix(RESULT));
        let (growth, outcome) = found
            .and_then(|found| found.split_once(' '))
            .unwrap_or_else(|| panic!("{name}: {output:?}"));
        println!("{name:40} {growth:>12}  {outcome}");
        assert!(expected.split(" or ").any(|one| one == outcome), "{name}: not {expected}");
        assert!(growth.parse::<usize>().unwrap() <= CAP, "{name}: {growth} of {CAP} KiB");
    }
}

const URLS: &str = "FIEF_TEST_URLS";
const OPERATION: &str = "FIEF_TEST_OPERATION";
const TIMEOUT: &str = "FIEF_TEST_TIMEOUT";
const RESULT: &str = "growth: ";

/// In the process that is measured.
fn measure(urls: &str, operation: &str, timeout: &str, call: impl Fn(&Call) -> String) {
    let (good, hostile) = urls.split_once(' ').unwrap();
    let operation = [Operation::Discovery, Operation::Keys, Operation::Userinfo]
        .into_iter()
        .find(|one| format!("{one:?}") == operation)
        .unwrap();
    for _ in 0..3 {
        call(&Call { base_url: good.to_owned(), operation, timeout: PATIENCE });
    }
    let before = peak_from_now();
    let timeout = Duration::from_millis(timeout.parse().unwrap());
    let hostile = Call { base_url: hostile.to_owned(), operation, timeout };
    call(&hostile);
    let outcome = call(&hostile);
    // Begins a new line, because the test runner may have printed on this one.
    println!("\n{RESULT}{} {outcome}", peak().saturating_sub(before));
}

/// Resets the peak. Returns the memory in use, in KiB.
fn peak_from_now() -> usize {
    fs::write("/proc/self/clear_refs", "5").unwrap();
    peak()
}

/// The most memory that was in use, in KiB.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
