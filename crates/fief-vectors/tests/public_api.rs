//! No type of another crate is in a public signature, except for the allowed ones.
//!
//! It reads the JSON output of rustdoc, which is a nightly feature; an environment variable enables
//! it on stable. Each crate has to be documented first, so that the test is run by name only:
//! `cargo test --workspace --test public_api -- --ignored`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // Tests may panic.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Our own, and what the standard library is made of.
const ALWAYS: [&str; 9] = [
    "alloc",
    "core",
    "fief_hyper",
    "fief_proto",
    "fief_tower",
    "fief_transport",
    "fief_ureq",
    "std",
    "serde_core",
];

/// The other crates whose types each may show. `serde_core` above are the traits that values
/// implement to be stored.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("fief-proto", &["http", "serde_json", "utoipa", "uuid"]),
    ("fief-transport", &[]),
    ("fief-ureq", &["http", "serde_json"]),
    ("fief-hyper", &["http", "serde_json"]),
    // An integration speaks the types of what it integrates with.
    ("fief-tower", TOWER),
    ("fief-axum", AXUM),
    ("fief-cli", &[]),
    ("fief-devserver", &["serde_json", "uuid"]),
];

const AXUM: &[&str] = &["axum", "axum_core", "http", "serde_json", "utoipa", "uuid"];

const TOWER: &[&str] = &["http", "tower_layer", "tower_service"];

#[test]
#[ignore = "documents each crate first, which takes minutes"]
fn shows_only_the_types_that_are_allowed() {
    let (folder, mut found) = (document(), Vec::new());
    for (name, allowed) in ALLOWED {
        let shown = foreign_types(&documentation(&folder, name));
        let is_refused = |path: &&String| {
            let of = path.split("::").next().unwrap_or_default();
            !ALWAYS.contains(&of) && !allowed.contains(&of)
        };
        found.extend(shown.iter().filter(is_refused).map(|path| format!("{name} shows {path}")));
        let used = |of: &&&str| shown.iter().any(|path| path.starts_with(&format!("{of}::")));
        let idle = allowed.iter().filter(|of| !used(of));
        found
            .extend(idle.map(|of| format!("{name} shows nothing of {of}, which is allowed to it")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The paths of all types of other crates in the public items of a crate.
fn foreign_types(documentation: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for item in documentation["index"].as_object().unwrap().values() {
        if item["crate_id"] != 0 || is_foreign_impl(&item["inner"]["impl"]) {
            continue;
        }
        collect(&item["inner"], &mut |id| {
            let path = &documentation["paths"][id];
            if path["crate_id"].as_u64().is_some_and(|of| of != 0) {
                let parts: Vec<&str> =
                    path["path"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
                paths.insert(parts.join("::"));
            }
        });
    }
    assert!(!paths.is_empty(), "nothing was found at all");
    paths
}

/// A blanket implementation of another crate, or one that the compiler makes.
fn is_foreign_impl(implementation: &Value) -> bool {
    implementation["is_synthetic"] == true || !implementation["blanket_impl"].is_null()
}

/// Each use of a type or trait by its path has an ID and arguments.
fn collect(node: &Value, found: &mut impl FnMut(&str)) {
    match node {
        Value::Array(nodes) => nodes.iter().for_each(|node| collect(node, found)),
        Value::Object(members) => {
            if let (Some(id), true) = (members.get("id"), members.contains_key("args")) {
                found(&id.to_string());
            }
            members.values().for_each(|node| collect(node, found));
        }
        _ => {}
    }
}

/// Documents all crates, and returns the folder.
fn document() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    let output = Command::new(env!("CARGO"))
        // With the examples, because their dependencies are already built with the same features.
        .args(["doc", "--locked", "--workspace", "--no-deps", "--lib", "--examples"])
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTDOC", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/public_api/rustdoc"))
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo doc: {errors}");
    target.join("doc")
}

fn documentation(folder: &Path, name: &str) -> Value {
    let file = folder.join(format!("{}.json", name.replace('-', "_")));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}
