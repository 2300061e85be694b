//! How a user was authenticated.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::local::ArgumentError;

/// The authentication context class that Fief states in `acr`, from weaker to stronger.
///
/// [OpenID Connect Core, section 2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
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
}

impl FromStr for Acr {
    type Err = ArgumentError;

    /// # Errors
    ///
    /// [`ArgumentError`] if it is none of the levels that Fief knows.
    fn from_str(level: &str) -> Result<Self, ArgumentError> {
        [Self::LevelZero, Self::LevelOne]
            .into_iter()
            .find(|known| known.as_str() == level)
            .ok_or(ArgumentError::new("acr", "is neither `0` nor `1`"))
    }
}

impl fmt::Display for Acr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
