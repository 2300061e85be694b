//! The credentials that a command-line program keeps. Input: the file.
#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock};

use fief_cli::{CredentialStore as _, Credentials, CredentialsFile, fief_ureq::Secret};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a folder"));
static PATH: LazyLock<PathBuf> = LazyLock::new(|| FOLDER.path().join("credentials.json"));

fuzz_target!(|data: &[u8]| {
    fs::write(&*PATH, data).expect("it can be written");
    let file = CredentialsFile::new(&*PATH);
    let loaded = file.load().expect("it can be read");
    assert_eq!(loaded.is_some(), serde_json::from_slice::<Credentials>(data).is_ok());
    let Some(credentials) = loaded else { return };
    check_debug(&credentials);
    // What is written reads back the same, whatever the file held before.
    let value = serde_json::to_value(&credentials).expect("it serialises");
    let again: Credentials = serde_json::from_value(value).expect("it reads back");
    assert_eq!(again, credentials);
    file.save(&credentials).expect("it can be saved");
    let saved = file.load().expect("it can be read");
    assert_eq!(saved, Some(credentials));
});

/// No token is shown. Short ones are not checked: they may be part of a member's name, or be the
/// type of another token.
fn check_debug(credentials: &Credentials) {
    let tokens = &credentials.tokens;
    let shown = format!("{tokens:?}");
    for token in [Some(&tokens.access_token), Some(&tokens.id_token), tokens.refresh_token.as_ref()]
    {
        let token = token.map(Secret::expose).filter(|token| token.len() >= 16);
        let is_hidden = |token| !shown.contains(token) || tokens.token_type.contains(token);
        assert!(token.is_none_or(is_hidden), "{shown}");
    }
}
