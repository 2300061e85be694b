//! The hashes in an ID token that bind it to its code and access token.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::jose::base64url;

/// The value of `at_hash` or `c_hash` for an access token or a code (OpenID Connect Core 3.1.3.6
/// and 3.3.2.11, for RS256): the left half of its SHA-256, in base64url.
///
/// ```
/// // The example of OpenID Connect Core A.3.
/// let hash = fief_proto::validation_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
/// assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
/// ```
pub fn validation_hash(value: &str) -> String {
    let digest = Sha256::digest(value.as_bytes());
    base64url::encode(digest.get(..16).unwrap_or_default())
}

/// Whether a hash is that of the value, compared whole and in constant time.
pub fn is_valid_hash(value: &str, hash: &str) -> bool {
    validation_hash(value).as_bytes().ct_eq(hash.as_bytes()).into()
}
