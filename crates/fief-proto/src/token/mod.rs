//! Tokens: where hostile bytes are read.

pub(crate) mod access_token;
mod claims;
pub(crate) mod id_token;
pub(crate) mod jwe;
pub(crate) mod jws;
mod verification;

use memchr::memchr_iter;

pub(crate) use self::verification::{Source, Validity};
use crate::{
    TokenFault,
    ascii::is_visible_ascii,
    config::Settings,
    json::{JsonError, Object},
};

/// The longest token that is read, in bytes.
pub(crate) const LONGEST_TOKEN: usize = 64 * 1024;

/// How a check of a signature by the keys at hand has ended, where it was no refusal.
pub(crate) enum Verdict<T> {
    Verified(T),
    /// The key is not at hand, and with it the fault to report if it can't be had.
    UnknownKey(TokenFault),
}

/// The parts of a compact token, as they are.
enum Parts<'a> {
    Encrypted([&'a str; 5]),
    Signed([&'a str; 3]),
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenFault::TooLarge);
        }
        if !token.is_empty() && !is_visible_ascii(token) {
            return Err(TokenFault::NotAscii);
        }
        let mut dots = memchr_iter(b'.', token.as_bytes());
        let mut begin = 0;
        // After the last part, `begin` lies beyond the end, where nothing is got.
        let parts: [Option<&str>; 6] = std::array::from_fn(|_| {
            let end = dots.next().unwrap_or(token.len());
            let part = token.get(begin..end);
            begin = end + 1;
            part
        });
        match parts {
            [Some(header), Some(payload), Some(signature), None, ..] => {
                Ok(Self::Signed([header, payload, signature]))
            }
            [Some(header), Some(key), Some(iv), Some(ciphertext), Some(tag), None] => {
                Ok(Self::Encrypted([header, key, iv, ciphertext, tag]))
            }
            _ => Err(TokenFault::NotCompact),
        }
    }
}

fn decode(part: &str, settings: &Settings) -> Result<Vec<u8>, TokenFault> {
    settings.base64url.decode(part).ok_or(TokenFault::NotBase64Url)
}

fn header(json: &[u8]) -> Result<Object<'_>, TokenFault> {
    Object::parse(json).map_err(header_fault)
}

fn header_fault(error: JsonError) -> TokenFault {
    match error {
        JsonError::DuplicateMember => TokenFault::DuplicateMember,
        error => TokenFault::HeaderMalformed(error),
    }
}

/// Refuses the header members that would change how the token is to be read (RFC 7515 4.1.11,
/// RFC 7516 4.1.3, RFC 7797). Embedded keys (`jwk`, `jku`, `x5u`, `x5c`) are not looked at.
fn refuse_extensions(header: &Object<'_>) -> Result<(), TokenFault> {
    if header.has("crit") {
        return Err(TokenFault::CriticalHeader);
    }
    match ["b64", "zip"].into_iter().find(|name| header.has(name)) {
        Some(name) => Err(TokenFault::UnsupportedHeader(name)),
        None => Ok(()),
    }
}
