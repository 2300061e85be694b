//! ID tokens (OpenID Connect Core, section 2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{EncryptionKey, SigningKey};

/// What an ID token says.
pub(crate) struct IdClaims<'a> {
    pub(crate) user: Map<String, Value>,
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) issued_at: i64,
    pub(crate) lifetime: u32,
    pub(crate) authenticated_at: i64,
    pub(crate) acr: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) c_hash: Option<String>,
    pub(crate) at_hash: Option<String>,
}

/// Signed, and where there is a key for it, encrypted.
pub(crate) fn id_token(
    key: &SigningKey,
    claims: IdClaims<'_>,
    encryption: Option<&EncryptionKey>,
) -> Option<String> {
    let IdClaims { user: mut all, issuer, client_id, issued_at, lifetime, .. } = claims;
    all.extend([
        ("iss".to_owned(), json!(issuer)),
        ("aud".to_owned(), json!([client_id])),
        ("exp".to_owned(), json!(issued_at.saturating_add(lifetime.into()))),
        ("iat".to_owned(), json!(issued_at)),
        ("auth_time".to_owned(), json!(claims.authenticated_at)),
        ("acr".to_owned(), json!(claims.acr)),
        ("azp".to_owned(), json!(client_id)),
    ]);
    let optional = [
        ("nonce", claims.nonce.map(str::to_owned)),
        ("c_hash", claims.c_hash),
        ("at_hash", claims.at_hash),
    ];
    all.extend(
        optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))),
    );
    let signed = key.sign(&Value::Object(all))?;
    match encryption {
        Some(encryption) => encryption.encrypt(&signed),
        None => Some(signed),
    }
}

/// The left half of the SHA-256 (OpenID Connect Core, section 3.1.3.6).
pub(crate) fn validation_hash(value: &str) -> String {
    let hash = Sha256::digest(value);
    URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default())
}
