//! Signed and encrypted tokens in their compact form (RFC 7515, RFC 7516), and the keys to check
//! them with (RFC 7517): where hostile bytes are read.

pub(crate) mod base64url;
pub(crate) mod crypto;
pub(crate) mod jwe;
pub(crate) mod jwk;
pub(crate) mod jws;

use memchr::memchr_iter;

use crate::{
    base::{
        ascii::is_visible_ascii,
        json::{JsonError, Object},
    },
    config::settings::Settings,
    error::token_fault::TokenFault,
};

/// The longest access token that is read, in bytes: anybody can send one.
pub(crate) const LONGEST_ACCESS_TOKEN: usize = 64 * 1024;
/// The longest ID token that is read, in bytes: it is as long as the answer that it comes in.
pub(crate) const LONGEST_ID_TOKEN: usize = 1024 * 1024;

/// The parts of a compact token, as they are.
pub(crate) enum Parts<'a> {
    Encrypted([&'a str; 5]),
    Signed([&'a str; 3]),
}

impl<'a> Parts<'a> {
    /// Takes a token of up to `limit` bytes apart.
    pub(crate) fn of(token: &'a str, limit: usize) -> Result<Self, TokenFault> {
        if token.len() > limit {
            return Err(TokenFault::TooLarge { limit });
        }
        if !token.is_empty() && !is_visible_ascii(token) {
            return Err(TokenFault::NotAscii);
        }
        let mut dots = memchr_iter(b'.', token.as_bytes());
        let mut begin = 0;
        // After the last part, `begin` lies beyond the end, where there is nothing to get.
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
            _ => Err(TokenFault::NotCompact {
                parts: memchr_iter(b'.', token.as_bytes()).count() + 1,
            }),
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
