//! Every vector on every runner.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)] // Tests may panic.

use std::path::Path;

use fief_vectors::load::{Loaded, load};
use fief_vectors::run::{run, run_remembering};
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

/// Vectors whose validation can't be repeated without further requests, with the reason; each must
/// fail.
const ONCE: [(&str, &str); 1] =
    [("keys/expire-at-once", "keys that are due at once are fetched by each validation")];

/// With a memory of verified tokens, nothing changes and nothing more is sent.
#[test]
fn remembering() {
    fn found<R: Runner>(loaded: &Loaded) -> Vec<String> {
        let found = run_remembering::<R>(loaded);
        match ONCE.iter().find(|(id, _)| *id == loaded.vector().id) {
            None => found,
            Some(_) if !found.is_empty() => Vec::new(),
            Some((_, reason)) => vec![format!("it passes, although {reason}")],
        }
    }
    pass(ByHand::NAME, found::<ByHand>);
    pass(Ureq::NAME, found::<Ureq>);
    pass(Hyper::NAME, found::<Hyper>);
}

fn passes<R: Runner>() {
    pass(R::NAME, run::<R>);
}

fn pass(name: &str, run: impl Fn(&Loaded) -> Vec<String>) {
    let vectors = vectors();
    let failures: Vec<String> = vectors
        .iter()
        .map(|loaded| (loaded.vector().id.as_str(), run(loaded)))
        .filter(|(_, found)| !found.is_empty())
        .map(|(id, found)| format!("{id}: {}", found.join("; ")))
        .collect();
    assert!(!vectors.is_empty(), "there are no vectors");
    assert!(
        failures.is_empty(),
        "{} of {} vectors fail on {name}:\n{}",
        failures.len(),
        vectors.len(),
        failures.join("\n")
    );
}

fn vectors() -> Vec<Loaded> {
    load([Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")]).unwrap()
}
