//! `cargo run -p fief-vectors -- FILE_OR_FOLDER…` runs vectors on all three runners.

use std::env;
use std::process::ExitCode;

use fief_vectors::load::{Loaded, load};
use fief_vectors::operation::OPERATIONS;
use fief_vectors::run::run;
use fief_vectors::runner::{ByHand, Hyper, Runner, Ureq};

fn main() -> ExitCode {
    let paths: Vec<String> = env::args().skip(1).collect();
    if paths.is_empty() || paths.iter().any(|path| path == "--help" || path == "-h") {
        println!("{}", help());
        return if paths.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let vectors = match load(&paths) {
        Ok(vectors) => vectors,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let failed = all::<ByHand>(&vectors) + all::<Ureq>(&vectors) + all::<Hyper>(&vectors);
    if vectors.is_empty() {
        eprintln!("there are no vectors");
    }
    if failed == 0 && !vectors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn help() -> String {
    let mut help = "\
Runs test vectors of the Fief client on its three runners: the core by hand, and both drivers.

usage: fief-vectors FILE_OR_FOLDER…

It prints a line for each failure and a summary for each runner, and exits with 1 if a vector
failed or there was none. The format is described in the README of fief-vectors, the kinds and
reasons of errors in the documentation of fief_proto::Error and fief_proto::TokenFault::name.

operations and their arguments (`?`: may be left out):
"
    .to_owned();
    for (operation, arguments) in OPERATIONS {
        help.extend(["  ", operation, "(", &arguments.join(", "), ")\n"]);
    }
    help
}

/// Runs all vectors on one runner and returns the number of those that failed.
fn all<R: Runner>(vectors: &[Loaded]) -> usize {
    let mut failed = 0;
    for loaded in vectors {
        let found = run::<R>(loaded);
        if !found.is_empty() {
            failed += 1;
            println!("{}: {}: {}", R::NAME, loaded.vector().id, found.join("; "));
        }
    }
    println!("{}: {} passed, {failed} failed", R::NAME, vectors.len() - failed);
    failed
}
