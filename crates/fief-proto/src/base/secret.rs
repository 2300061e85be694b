//! A string that must not be shown.

use std::{
    fmt, mem,
    ops::{Deref, DerefMut},
};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::optimization_barrier;

/// A token, code, verifier, password or key: redacted in `Debug`, wiped on drop, without `Display`.
///
/// It serialises as the plain string, because tokens are made to be stored; where that goes is
/// the caller's choice.
///
/// ```
/// use fief_proto::Secret;
///
/// let secret = Secret::from("hermine");
/// assert_eq!(format!("{secret:?}"), "Secret([redacted])");
/// assert_eq!(secret.expose(), "hermine");
/// ```
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The string itself. Search for this name to find every place where a secret leaves its
    /// wrapper.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(string: String) -> Self {
        Self(string)
    }
}

impl From<&str> for Secret {
    fn from(string: &str) -> Self {
        Self::from(string.to_owned())
    }
}

impl From<&String> for Secret {
    fn from(string: &String) -> Self {
        Self::from(string.as_str())
    }
}

impl From<&Secret> for Secret {
    fn from(secret: &Secret) -> Self {
        secret.clone()
    }
}

/// A borrowed token, the argument of calls that send or validate one. A `&Secret`, a `&str` and a
/// `&String` turn into it, so that the members of [`Tokens`](crate::Tokens) can be passed as they
/// are.
///
/// Nothing else turns into one: a new password in place of a token does not compile.
#[derive(Clone, Copy)]
pub struct TokenRef<'a>(&'a str);

impl<'a> TokenRef<'a> {
    /// The token itself.
    pub fn expose(self) -> &'a str {
        self.0
    }
}

impl<'a> From<&'a Secret> for TokenRef<'a> {
    fn from(token: &'a Secret) -> Self {
        Self(token.expose())
    }
}

impl<'a> From<&'a str> for TokenRef<'a> {
    fn from(token: &'a str) -> Self {
        Self(token)
    }
}

impl<'a> From<&'a String> for TokenRef<'a> {
    fn from(token: &'a String) -> Self {
        Self(token)
    }
}

impl fmt::Debug for TokenRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenRef([redacted])")
    }
}

impl Drop for Secret {
    /// Wipes the buffer as a whole, which is faster than byte by byte.
    fn drop(&mut self) {
        wipe(&mut mem::take(&mut self.0).into_bytes());
    }
}

/// Bytes that are wiped on drop.
///
/// `zeroize` wipes a vector byte by byte, which shows beside a request.
#[derive(Clone, Default, Eq, PartialEq)]
pub(crate) struct Wiped(Vec<u8>);

impl Wiped {
    /// The bytes, which are not wiped any more.
    pub(crate) fn take(mut self) -> Vec<u8> {
        mem::take(&mut self.0)
    }

    /// The same as a string, unless it is not UTF-8.
    pub(crate) fn into_secret(self) -> Option<Secret> {
        String::from_utf8(self.take())
            .map_err(|error| wipe(&mut error.into_bytes()))
            .map(Secret)
            .ok()
    }
}

impl From<Vec<u8>> for Wiped {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for Wiped {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Wiped {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Overwrites a buffer, what lies beyond its end too, and empties it.
pub(crate) fn wipe(bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.resize(bytes.capacity(), 0);
    optimization_barrier(bytes.as_slice());
    bytes.clear();
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl PartialEq for Secret {
    /// In constant time for strings of one length.
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for Secret {}
