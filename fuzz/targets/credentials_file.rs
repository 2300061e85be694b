//! The credentials that a command-line tool keeps. Input: the file.
#![no_main]

use fief_proto::{Tokens, UserInfo};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};

/// The format of the official Python client.
#[derive(Debug, Deserialize, Serialize)]
struct Credentials {
    userinfo: UserInfo,
    tokens: Tokens,
}

fuzz_target!(|data: &[u8]| {
    let Ok(credentials) = serde_json::from_slice::<Credentials>(data) else { return };
    let tokens = &credentials.tokens;
    let shown = format!("{tokens:?}");
    let refresh_token = tokens.refresh_token.as_ref();
    for token in [Some(&tokens.access_token), Some(&tokens.id_token), refresh_token] {
        // Shorter ones may stand in the names of the members.
        let token = token.filter(|token| token.expose().len() >= 16);
        assert!(
            token.is_none_or(|token| !shown.contains(token.expose())
                || tokens.token_type.contains(token.expose()))
        );
    }
    // What is written is read again, whatever it was that was read first.
    let written = serde_json::to_value(&credentials).expect("it serialises");
    let again: Credentials = serde_json::from_value(written.clone()).expect("it reads back");
    assert_eq!(serde_json::to_value(&again).expect("it serialises"), written);
    let text = serde_json::to_vec(&credentials).expect("it serialises");
    assert!(serde_json::from_slice::<Credentials>(&text).is_ok());
});
