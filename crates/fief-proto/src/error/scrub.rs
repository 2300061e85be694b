//! Foreign text, without the secrets that it echoes.

use crate::Secret;

/// The length from which a secret is no word that a sentence may hold by chance.
const DISTINCT: usize = 8;

/// The text, with each of these secrets blackened.
pub(crate) fn scrub(text: &str, secrets: &[Secret]) -> String {
    secrets.iter().map(Secret::expose).filter(|secret| !secret.is_empty()).fold(
        text.to_owned(),
        |text, secret| match secret.len() {
            DISTINCT.. => text.replace(secret, REDACTED),
            _ => without_word(&text, secret),
        },
    )
}

pub(super) const REDACTED: &str = "[redacted]";

/// Replaces a short secret where it stands for itself: the password `a` is no reason to blacken
/// every `a` of the answer.
fn without_word(text: &str, word: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        let is_inside =
            before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        result.push_str(before);
        result.push_str(if is_inside { word } else { REDACTED });
        rest = after;
    }
    result + rest
}
