//! The dependencies are those of `crates/DEPENDENCIES.md`, and AWS-LC is the only C library among
//! them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // Tests may panic.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// On every platform.
const ANY: [&str; 2] = ["--target", "all"];

#[test]
fn each_direct_dependency_has_a_purpose() {
    let mut stated = BTreeMap::new();
    for row in rows() {
        let Some(dependency) = name(&row[0]) else { continue };
        let of: BTreeSet<String> = row[1].split(", ").filter_map(name).collect();
        assert!(!row[2].is_empty(), "{dependency} has no purpose");
        assert!(stated.insert(dependency, of).is_none(), "a dependency is listed twice");
    }
    assert_eq!(stated, direct(), "the table of DEPENDENCIES.md (left) is stale");
}

/// A crate that compiles or links C depends on one of these tools.
#[test]
fn aws_lc_is_the_only_c() {
    for package in published() {
        let name = package["name"].as_str().unwrap();
        for tool in ["bindgen", "cc", "cmake", "nasm-rs", "pkg-config", "vcpkg"] {
            let users = users(name, tool);
            let others: Vec<&String> = users
                .iter()
                // Only on the system Haiku, the local time zone needs C++.
                .filter(|user| {
                    !["aws-lc-sys", "cmake", "iana-time-zone-haiku", tool].contains(&user.as_str())
                })
                .collect();
            assert!(others.is_empty(), "{name}: {tool} is used by {others:?}");
        }
        let all = tree(name, "normal,build", &ANY);
        for foreign in ["native-tls", "openssl-sys", "ring"] {
            assert!(!all.contains(foreign), "{name} takes {foreign}");
        }
    }
    assert!(users("fief-ureq", "cc").contains("aws-lc-sys"), "the test looks at the wrong place");
}

#[test]
fn the_core_takes_no_c_with_rust_crypto() {
    let features = ["--no-default-features", "--features", "rust-crypto"];
    let all = tree("fief-proto", "normal,build", &[&ANY[..], &features[..]].concat());
    for c in ["aws-lc-sys", "cc", "cmake", "ring", "openssl-sys"] {
        assert!(!all.contains(c), "{c} is among {all:?}");
    }
    assert!(all.contains("rsa"), "{all:?}");
}

/// The direct dependencies that are built in, and which of our crates use them; our own left out.
fn direct() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in published() {
        let of = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = dependency["name"].as_str().unwrap();
            if dependency["kind"].is_null() && !name.starts_with("fief-") {
                found.entry(name.to_owned()).or_default().insert(of.to_owned());
            }
        }
    }
    found
}

/// The packages of the workspace that are published.
fn published() -> Vec<Value> {
    let metadata = cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages.filter(|package| package["publish"].is_null()).cloned().collect()
}

/// The names of all packages below one, itself included.
fn tree(package: &str, edges: &str, more: &[&str]) -> BTreeSet<String> {
    let arguments =
        ["tree", "--locked", "--package", package, "--edges", edges, "--prefix", "none"];
    names(&cargo(&[&arguments[..], more].concat()))
}

/// The crates that depend on a tool, on any platform; the tool included.
fn users(package: &str, tool: &str) -> BTreeSet<String> {
    let all = tree(package, "normal,build", &ANY);
    if !all.contains(tool) {
        return BTreeSet::new();
    }
    let below = ["--invert", tool, "--depth", "1"];
    tree(package, "normal,build", &[&ANY[..], &below[..]].concat())
}

fn names(tree: &str) -> BTreeSet<String> {
    let first =
        |line: &str| line.split(' ').next().filter(|name| !name.is_empty()).map(str::to_owned);
    tree.lines().filter_map(first).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {}: {errors}", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

/// The rows of the table in `crates/DEPENDENCIES.md`.
fn rows() -> Vec<Vec<String>> {
    include_str!("../../DEPENDENCIES.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// The string between backticks.
fn name(cell: &str) -> Option<String> {
    Some(cell.trim().strip_prefix('`')?.strip_suffix('`')?.to_owned())
}
