//! Strings that can't be guessed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// 244 random bits in 43 characters, the length of the real server's codes and secrets.
pub(crate) fn random_string() -> String {
    let halves = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
    URL_SAFE_NO_PAD.encode(halves.as_flattened())
}

/// Six characters to be typed, without letters that look like digits.
pub(crate) fn random_code() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let bytes = Uuid::new_v4().into_bytes();
    let letters = bytes.iter().take(6).filter_map(|b| LETTERS.get(usize::from(*b) % LETTERS.len()));
    letters.map(|letter| char::from(*letter)).collect()
}
