//! The provider's documents must not be trusted, or can't be used.

use std::{borrow::Cow, fmt};

use super::shown::Shown;

/// The discovery document or the key set was read, and can't be used.
///
/// This says nothing about the token or the login at hand. It is a matter of configuration, here or
/// at the server.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProviderError {
    /// The discovered authorization endpoint is not one to send a user to.
    AuthorizationEndpoint {
        /// What was discovered.
        found: String,
        /// What is wrong with it, and what to do.
        why: &'static str,
    },
    /// The server announces the code challenge methods that it supports, and `S256` is none of
    /// them (RFC 8414 section 2): a login would not be protected.
    CodeChallengeMethods,
    /// An endpoint that was discovered can't be put under the configured base URL.
    Endpoint {
        /// The member of the metadata, `token_endpoint` for example.
        name: &'static str,
        /// What was discovered.
        found: String,
    },
    /// The issuer that was discovered does not belong to the base URL.
    IssuerMismatch {
        /// The base URL, or the issuer that the configuration states.
        expected: String,
        /// What was discovered.
        found: String,
    },
    /// No entry of the key set is a key that can check RS256.
    NoUsableKey {
        /// Why the first entries are not used, eight at most, in the order of the key set.
        faults: Vec<KeyFault>,
        /// How many entries there are.
        entries: usize,
    },
    /// The provider was learned by a client of another server, tenant or configuration.
    OtherClient,
}

/// Why an entry of a key set is not used.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyFault {
    /// It is for another algorithm than RS256 (`alg`).
    Algorithm,
    /// Its public exponent is even, below 3 or above 2^33.
    Exponent,
    /// It is not a JSON Web Key, or has a member more than once.
    Malformed,
    /// Its modulus is not a number that an RSA key has, or the cryptographic backend refuses it.
    Modulus,
    /// It is not for verifying signatures (`key_ops`).
    Operations,
    /// Its modulus has this many bits, and not 2048 to 8192.
    Size(usize),
    /// It is not an RSA key (`kty`).
    Type,
    /// It is not for signatures (`use`).
    Use,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "is for another algorithm (`alg`)",
            Self::Exponent => "has a public exponent that is even, below 3 or above 2^33",
            Self::Malformed => "is malformed",
            Self::Modulus => "has a modulus that can't be used",
            Self::Operations => "is not for checking signatures (`key_ops`)",
            Self::Size(bits) => return write!(f, "has {bits} bits, and not 2048 to 8192"),
            Self::Type => "is not an RSA key (`kty`)",
            Self::Use => "is not for signatures (`use`)",
        })
    }
}

impl ProviderError {
    pub(crate) fn reason(&self) -> &'static str {
        self.described().0
    }

    /// The stable name and the message of each fault.
    fn described(&self) -> (&'static str, Cow<'static, str>) {
        match self {
            Self::AuthorizationEndpoint { found, why } => (
                "authorization_endpoint",
                format!("the authorization endpoint {} {why}", Shown(found)).into(),
            ),
            Self::CodeChallengeMethods => (
                "code_challenge_methods",
                "the server announces code challenge methods without `S256`, so that a login \
                 would not be protected"
                    .into(),
            ),
            Self::Endpoint { name, found } => (
                "endpoint",
                format!("the `{name}` {} can't be put under the base URL", Shown(found)).into(),
            ),
            Self::IssuerMismatch { expected, found } => (
                "issuer_mismatch",
                format!(
                    "the server calls itself {}, which does not belong to {}; check the base URL, \
                     or state the issuer with `issuer`",
                    Shown(found),
                    Shown(expected)
                )
                .into(),
            ),
            Self::NoUsableKey { faults, entries } => {
                ("no_usable_key", no_usable_key(faults, *entries).into())
            }
            Self::OtherClient => (
                "other_client",
                "what is known of the provider was learned with another configuration; give each \
                 client a `Provider` of its own"
                    .into(),
            ),
        }
    }
}

fn no_usable_key(faults: &[KeyFault], entries: usize) -> String {
    if faults.is_empty() {
        return "the server publishes no keys".to_owned();
    }
    let shown = faults.iter().enumerate();
    let mut shown: Vec<String> =
        shown.map(|(index, fault)| format!("keys[{index}] {fault}")).collect();
    if entries > faults.len() {
        shown.push(format!("and {} more", entries - faults.len()));
    }
    format!("no published key can check RS256: {}", shown.join(", "))
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.described().1)
    }
}

impl std::error::Error for ProviderError {}
