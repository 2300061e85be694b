//! The first thing that a newcomer runs has to work.

#![allow(clippy::unwrap_used)]

use std::{
    env,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

fn quickstart(arguments: &[&str]) -> Output {
    // Examples are built along with the tests, next to them.
    let mut path: PathBuf = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend(["examples", &format!("quickstart{}", env::consts::EXE_SUFFIX)]);
    let mut command = Command::new(path);
    for variable in ["FIEF_BASE_URL", "FIEF_CLIENT_ID", "FIEF_CLIENT_SECRET"] {
        command.env_remove(variable);
    }
    command.args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn tells_the_whole_story_without_arguments() {
    let output = quickstart(&[]);
    let story = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{story}\n{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "authorization URL    http://localhost:",
        "/callback?code=…&state=…",
        "access token",
        "email                anne@bretagne.duchy",
        "permissions          castles:create, castles:read",
        "the old refresh token is spent",
        "a forged token       401: the access token is invalid: its signature",
        "a permission wanted  403",
        "All of it worked.",
    ] {
        assert!(story.contains(line), "{line} is missing in\n{story}");
    }
    assert!(!story.contains("eyJ"), "a token stands in\n{story}");
}

#[test]
fn fails_where_no_server_answers() {
    // Port 1 is reserved: no server listens there.
    let output = quickstart(&["--base-url", "http://localhost:1", "--client-id", "unknown"]);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("This did not work"), "{words}");
}
