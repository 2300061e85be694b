//! Every vector on every runner.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)] // Tests may panic.

use std::path::Path;

use fief_vectors::load::{Loaded, load};
use fief_vectors::run::run;
use fief_vectors::runner::{ByHand, Hyper, Runner, Ureq};

#[test]
fn by_hand() {
    passes::<ByHand>();
}

#[test]
fn ureq() {
    passes::<Ureq>();
}

#[test]
fn hyper() {
    passes::<Hyper>();
}

fn passes<R: Runner>() {
    let vectors = vectors();
    let failures: Vec<String> = vectors
        .iter()
        .map(|loaded| (loaded.vector().id.as_str(), run::<R>(loaded)))
        .filter(|(_, found)| !found.is_empty())
        .map(|(id, found)| format!("{id}: {}", found.join("; ")))
        .collect();
    assert!(!vectors.is_empty(), "there are no vectors");
    assert!(
        failures.is_empty(),
        "{} of {} vectors fail on {}:\n{}",
        failures.len(),
        vectors.len(),
        R::NAME,
        failures.join("\n")
    );
}

fn vectors() -> Vec<Loaded> {
    load([Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")]).unwrap()
}
