//! The scenarios that run both drivers against a real Fief server, run against the development
//! server: if the two servers differ, this suite and the other one can't both pass.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

mod catch;
mod describe;
mod fill;
#[path = "../scenarios/mod.rs"]
mod scenarios;

use std::process::ExitCode;

use fief_testkit::sink::Sink;
use libtest_mimic::Arguments;
use tempfile::TempDir;

use crate::scenarios::{server::Server, trials};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = TempDir::new().unwrap();
    let sink = Sink::answering(Vec::new());
    let clients = fill::clients();
    let server = fill::builder(&sink.url(), &clients).start().unwrap();
    let description = describe::write(&server, &clients, folder.path());
    catch::webhooks(sink, folder.path());
    let trials = trials(Some(Server::described_in(&description)));
    let run = || libtest_mimic::run(&arguments, trials);
    catch::mails_while(&server, folder.path(), run).exit_code()
}
