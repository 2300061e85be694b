//! The command runs vectors on all runners, and fails if one does.

#![allow(clippy::unwrap_used)] // Tests may panic.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

#[test]
fn vectors_that_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let output = run(&[&folder.join("pkce.json"), &folder.join("logout_url.json")]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for runner in ["by-hand", "ureq", "hyper"] {
        let summary = said.lines().find(|line| line.starts_with(&format!("{runner}: ")));
        let summary = summary.unwrap_or_else(|| panic!("nothing of {runner}: {said}"));
        assert!(summary.ends_with(" passed, 0 failed") && !summary.contains(": 0 "), "{said}");
    }
}

#[test]
fn a_vector_that_fails() {
    let vector = r#"{"about": "A test.", "vectors": [{
        "id": "pkce/wrong", "comment": "This is not so.", "source": "RFC 7636 4.2",
        "config": {"base_url": "https://fief.example", "client_id": "duchy-app"},
        "clock": 1790000000,
        "calls": [{
            "operation": "pkce",
            "arguments": {"verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "plain": true},
            "value": {"method": "S256"}
        }]
    }]}"#;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("wrong.json");
    fs::write(&file, vector).unwrap();
    let output = run(&[&file]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("by-hand: 0 passed, 1 failed"), "{}", said(&output));
}

#[test]
fn nothing_to_run() {
    let folder = TempDir::new().unwrap();
    assert_eq!(run(&[folder.path()]).status.code(), Some(1));
    assert_eq!(run(&[]).status.code(), Some(1));
}

fn run(paths: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fief-vectors")).args(paths).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}
