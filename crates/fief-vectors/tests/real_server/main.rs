//! Both drivers against a real Fief server: every scenario through each of them.
//!
//! Runs if the environment variable `FIEF_TEST_SERVER` names the file that describes a running
//! server. Otherwise it prints that it was skipped, and its tests count as ignored, not as passed:
//! that is why it has a test harness of its own.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

#[path = "../scenarios/mod.rs"]
mod scenarios;

use std::{env, path::PathBuf, process::ExitCode};

use libtest_mimic::Arguments;

use crate::scenarios::{server::Server, trials};

const VARIABLE: &str = "FIEF_TEST_SERVER";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let server = env::var_os(VARIABLE).map(|path| Server::described_in(&PathBuf::from(path)));
    if server.is_none() {
        println!("SKIPPED: {VARIABLE} is not set, so no test of this suite is run");
    }
    libtest_mimic::run(&arguments, trials(server)).exit_code()
}
