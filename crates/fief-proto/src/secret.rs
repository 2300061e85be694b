//! A text that must not be shown.

use std::{fmt, mem};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::optimization_barrier;

/// A token, code, verifier, password or key: redacted in `Debug`, wiped on drop, without `Display`.
///
/// It serialises as the plain text, because tokens are made to be stored; where that text goes is
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
    /// The text itself. Search for this name to find every place where a secret leaves its wrapper.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&Secret> for Secret {
    fn from(secret: &Secret) -> Self {
        secret.clone()
    }
}

impl Drop for Secret {
    /// Wipes it all, what lies beyond its end too, at once instead of byte by byte: a token is
    /// long.
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        bytes.clear();
        bytes.resize(bytes.capacity(), 0);
        optimization_barrier(bytes.as_slice());
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl PartialEq for Secret {
    /// In constant time for texts of one length.
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for Secret {}
