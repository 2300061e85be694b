//! Proof Key for Code Exchange (RFC 7636).

use sha2::{Digest as _, Sha256};

use crate::{base::secret::Secret, error::local::ArgumentError, jose::base64url};

/// A code verifier, kept until the callback, and the challenges made from it.
///
/// ```
/// use fief_proto::Pkce;
///
/// // Draw these from the operating system.
/// let entropy = [0x2a; 32];
/// let pkce = Pkce::from_entropy(&entropy);
/// assert_eq!(pkce.verifier().expose().len(), 43);
/// assert_eq!(pkce.challenge().method(), "S256");
/// ```
#[derive(Clone, Debug)]
pub struct Pkce(Secret);

impl Pkce {
    /// A verifier of 43 characters, as RFC 7636 section 4.1 recommends.
    pub fn from_entropy(entropy: &[u8; 32]) -> Self {
        Self::of(entropy)
    }

    /// A verifier of your own: 43 to 128 letters, digits, `-`, `.`, `_` and `~`.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] if it is not.
    pub fn from_verifier(verifier: impl Into<Secret>) -> Result<Self, ArgumentError> {
        let verifier = verifier.into();
        is_verifier(verifier.expose())?;
        Ok(Self(verifier))
    }

    pub(crate) fn of(entropy: &[u8]) -> Self {
        Self(Secret::from(base64url::encode(entropy)))
    }

    /// The verifier, to be sent with the code.
    pub fn verifier(&self) -> &Secret {
        &self.0
    }

    /// The challenge of method `S256`.
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge {
            value: Secret::from(base64url::encode(&Sha256::digest(self.0.expose().as_bytes()))),
            method: "S256",
        }
    }

    /// The challenge of method `plain`, which is the verifier itself: it protects nothing once the
    /// authorization URL is seen. For servers that support nothing else.
    pub fn plain_challenge(&self) -> CodeChallenge {
        CodeChallenge { value: self.0.clone(), method: "plain" }
    }
}

/// A code challenge with its method, neither of which can be used without the other.
#[derive(Clone, Eq, PartialEq)]
pub struct CodeChallenge {
    value: Secret,
    method: &'static str,
}

impl CodeChallenge {
    /// The challenge of method `S256` that another program has made from a verifier of its own: a
    /// native program or a page in a browser, for which a server begins the login.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] if it is not the base64url of a SHA-256, which has 43 characters.
    pub fn s256(challenge: impl Into<Secret>) -> Result<Self, ArgumentError> {
        let value = challenge.into();
        let is_of_base64url = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        if value.expose().len() == 43 && value.expose().bytes().all(is_of_base64url) {
            return Ok(Self { value, method: "S256" });
        }
        Err(ArgumentError::new("code_challenge", "is not of 43 characters of base64url"))
    }

    /// The challenge itself.
    pub fn value(&self) -> &str {
        self.value.expose()
    }

    /// `S256` or `plain`.
    pub fn method(&self) -> &'static str {
        self.method
    }
}

impl std::fmt::Debug for CodeChallenge {
    /// Without the value, which by the method `plain` is the verifier.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeChallenge").field("method", &self.method).finish_non_exhaustive()
    }
}

pub(crate) fn is_verifier(string: &str) -> Result<(), ArgumentError> {
    let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    if (43..=128).contains(&string.len()) && string.bytes().all(is_unreserved) {
        return Ok(());
    }
    Err(ArgumentError::new("code_verifier", "is not of 43 to 128 unreserved characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b() {
        let pkce = Pkce::from_verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        assert_eq!(pkce.challenge().value(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_has_its_length_and_alphabet() {
        assert!(Pkce::from_verifier("a".repeat(43)).is_ok());
        assert!(Pkce::from_verifier("~".repeat(128)).is_ok());
        for string in
            ["a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(43)), "é".repeat(50)]
        {
            assert!(Pkce::from_verifier(string).is_err());
        }
    }
}
