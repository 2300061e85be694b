//! Email addresses and passwords.

use serde_json::Value;
use url::Host;
use zxcvbn::{Score, zxcvbn};

use super::Invalid;

/// Top-level domains that receive no mail (RFC 6761, RFC 7686).
const SPECIAL: [&str; 6] = ["arpa", "invalid", "local", "localhost", "onion", "test"];

/// The shortest password, in characters.
const SHORTEST: usize = 8;
const LONGEST: usize = 128;

/// The address as it is stored: with its host in lower case. None if mail can't be sent to it.
pub(crate) fn normalized_email(given: &str) -> Option<String> {
    let (local, host) = given.trim().rsplit_once('@')?;
    let is_local = |c: char| c.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_label = |label: &str| {
        let is_good = |c: char| c.is_alphanumeric() || c == '-';
        label.chars().all(is_good) && !label.starts_with('-') && !label.ends_with('-')
    };
    // In the form of DNS (IDNA).
    let Ok(Host::Domain(ascii)) = Host::parse(host) else { return None };
    let top = ascii.rsplit('.').next().unwrap_or_default();
    let is_good = local.split('.').all(|part| !part.is_empty())
        && local.chars().all(is_local)
        && local.chars().count() <= 64
        && host.split('.').all(is_label)
        && ascii.contains('.')
        && ascii.split('.').all(|label| (1..=63).contains(&label.len()))
        && top.ends_with(|c: char| c.is_ascii_alphabetic())
        && !SPECIAL.contains(&top)
        && local.len() + ascii.len() < 254;
    is_good.then(|| format!("{local}@{}", host.to_lowercase()))
}

/// An address in a body of JSON.
pub(crate) fn email(input: &Value) -> Result<String, Invalid> {
    let given = input.as_str().ok_or_else(|| Invalid::not_a_string(input))?;
    let message = "value is not a valid email address";
    normalized_email(given).ok_or_else(|| Invalid::new("value_error", message, input))
}

/// Why a password is refused; empty if it is accepted.
pub(crate) fn password_weaknesses(password: &str) -> Vec<&'static str> {
    let mut weaknesses = Vec::new();
    let length = password.chars().count();
    if length < SHORTEST {
        weaknesses.push("Password must be at least 8 characters long.");
    } else if length > LONGEST {
        weaknesses.push("Password must be at most 128 characters long.");
    }
    let beginning: String = password.chars().take(LONGEST).collect();
    if zxcvbn(&beginning, &[]).score() < Score::Three {
        weaknesses.push("Password is not strong enough.");
    }
    weaknesses
}
