//! How a user was authenticated.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The authentication context class that Fief states in `acr`, from weaker to stronger.
///
/// [OpenID Connect Core, section 2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub enum Acr {
    /// `"0"`: a session that was kept, or a token that was refreshed.
    #[serde(rename = "0")]
    LevelZero,
    /// `"1"`: the user has just shown a password.
    #[serde(rename = "1")]
    LevelOne,
}

impl Acr {
    /// The value of the claim.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LevelZero => "0",
            Self::LevelOne => "1",
        }
    }

    /// The level of this claim, if it is one that we know.
    pub(crate) fn from_claim(text: &str) -> Option<Self> {
        [Self::LevelZero, Self::LevelOne].into_iter().find(|level| level.as_str() == text)
    }
}

impl fmt::Display for Acr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
