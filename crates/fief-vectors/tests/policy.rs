//! Each statement of the policy is shown from both sides, or says what shows it instead.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)] // Tests may panic.

use std::path::Path;

use fief_vectors::load::{Loaded, load};
use fief_vectors::policy::{gaps, statements};

#[test]
fn every_statement_is_shown() {
    let found = gaps(&statements().unwrap(), vectors().iter().map(Loaded::vector));
    assert!(found.is_empty(), "{} gaps:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_missing_vector_is_named() {
    let statements = statements().unwrap();
    let vectors = vectors();
    let shown = |id: &str| {
        let remaining = vectors.iter().map(Loaded::vector).filter(|vector| {
            !vector.policy.accepts.iter().chain(&vector.policy.refuses).any(|shown| shown == id)
        });
        gaps(&statements, remaining)
    };
    let found = shown("access.nbf");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("no vector accepts by `access.nbf`"), "{found:?}");
    assert!(found[1].starts_with("no vector refuses by `access.nbf`"), "{found:?}");
}

#[test]
fn a_statement_that_is_not_listed_is_named() {
    let statements = statements().unwrap();
    let without: Vec<_> =
        statements.into_iter().filter(|statement| statement.id != "access.nbf").collect();
    let found = gaps(&without, vectors().iter().map(Loaded::vector));
    assert!(!found.is_empty());
    assert!(found.iter().all(|line| line.contains("`access.nbf`, which is not listed")));
}

fn vectors() -> Vec<Loaded> {
    load([Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")]).unwrap()
}
