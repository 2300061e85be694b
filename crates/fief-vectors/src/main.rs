//! `cargo run -p fief-vectors -- FILE_OR_FOLDER…` runs vectors on all three runners.

use std::env;
use std::process::ExitCode;

use fief_vectors::load::{Loaded, load};
use fief_vectors::run::run;
use fief_vectors::runner::{ByHand, Hyper, Runner, Ureq};

fn main() -> ExitCode {
    let paths: Vec<String> = env::args().skip(1).collect();
    if paths.is_empty() {
        eprintln!("usage: fief-vectors FILE_OR_FOLDER…");
        return ExitCode::FAILURE;
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

/// Runs all vectors on one runner and gives the number of those that failed.
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
