//! What is said of the core's purity, held by machine: nothing that does input or output is in its
//! dependency tree. What it could reach in the standard library is banned in its `.clippy.toml`.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test of the core, not the core"
)]

use std::{collections::BTreeSet, process::Command};

/// What a sans-IO core has no use for: runtimes, clients, sources of randomness, clocks, locks.
const BANNED: [&str; 22] = [
    "arc-swap",
    "async-std",
    "chrono",
    "crossbeam-utils",
    "dashmap",
    "futures-util",
    "getrandom",
    "hyper",
    "hyper-util",
    "mio",
    "parking_lot",
    "rand",
    "rand_core",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "time",
    "tokio",
    "tracing",
    "ureq",
];

#[test]
fn nothing_in_the_tree_does_io() {
    let found = tree();
    for name in BANNED {
        assert!(!found.contains(name), "{name} is among the dependencies of the core: {found:?}");
    }
    assert!(found.contains("aws-lc-rs") && found.contains("serde_json"), "{found:?}");
}

/// The names of all normal dependencies, direct and not.
fn tree() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "fief-proto", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree: {errors}");
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
