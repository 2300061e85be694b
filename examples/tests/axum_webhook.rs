//! The receiver of webhooks.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod program;

use program::{Program, agent};

#[test]
fn tells_what_fief_has_told() {
    let mut program = Program::start("axum_webhook", &[]);
    let url = program.url("Webhook ");
    assert_eq!(program.says("A user is new:"), "renee@bretagne.duchy");
    assert_eq!(agent().post(&url).send("{}").unwrap().status(), 403);
}
