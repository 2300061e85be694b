//! Secrets that are planted wherever one can stand, and looked for wherever none may.

use std::fmt::{Debug, Display};

use fief_proto::{Error, Report};

/// Stands for each secret that a program hands over: token, code, password, client secret. It is
/// one, so that whatever a server echoes is a secret of the request at hand.
pub const PLANTED: &str = "hermine-tincture-1488-hermine-tincture-1488-hermine";

/// What [`world::ENTROPY`](crate::world::ENTROPY) becomes: state, nonce and verifier of each login.
pub const DRAWN: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

pub const ALL: [&str; 2] = [PLANTED, DRAWN];

/// Whether a foreign text holds one of them. Where it stands for something that may be shown, a
/// redirect URI for example, there is then nothing to look for.
pub fn stand_in(text: &[u8]) -> bool {
    ALL.iter().any(|secret| holds(text, secret))
}

/// Whether a foreign text holds this one.
pub fn holds(text: &[u8], secret: &str) -> bool {
    text.windows(secret.len()).any(|part| part == secret.as_bytes())
}

pub fn check_text(text: &str) {
    for secret in ALL {
        assert!(!text.contains(secret), "`{secret}` is shown: {text}");
    }
}

pub fn check_debug(value: &impl Debug) {
    check_text(&format!("{value:?}"));
}

/// What holds for every error: it shows no secret and no control character, is of bounded length,
/// and has a name.
pub fn check_error(error: &Error) {
    check_debug(error);
    check_shown(&Report(error));
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|b| b == b'_' || b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    assert!(is_name(error.kind()), "{}", error.kind());
    assert!(error.reason().is_none_or(is_name), "{:?}", error.reason());
}

/// What a log line gets to see.
pub fn check_shown(shown: &impl Display) {
    let text = shown.to_string();
    check_text(&text);
    assert!(!text.contains(char::is_control), "a control character is shown: {text:?}");
    assert!(text.len() <= 32 * 1024, "{} bytes are shown", text.len());
}
