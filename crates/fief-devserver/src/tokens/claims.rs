//! Access tokens and ID tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::keys::Keys;

/// How many seconds after its expiry a token is still accepted, as on the real server.
const LEEWAY: i64 = 60;

/// What the access token and the ID token of one answer have in common.
pub(crate) struct Common<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) issued_at: i64,
    /// Seconds.
    pub(crate) lifetime: u32,
    pub(crate) authenticated_at: i64,
    pub(crate) acr: &'a str,
}

impl Common<'_> {
    pub(crate) fn access_token(
        &self,
        user: Uuid,
        scope: &[String],
        permissions: &[&String],
    ) -> Map<String, Value> {
        self.with(json!({"sub": user, "scope": scope.join(" "), "permissions": permissions}))
    }

    /// OpenID Connect Core, section 2.
    pub(crate) fn id_token(
        &self,
        user: Map<String, Value>,
        nonce: Option<&str>,
        c_hash: Option<String>,
        at_hash: Option<String>,
    ) -> Map<String, Value> {
        let optional =
            [("nonce", nonce.map(str::to_owned)), ("c_hash", c_hash), ("at_hash", at_hash)];
        let optional = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut claims = self.with(Value::Object(user));
        claims.extend(optional.map(|(name, value)| (name.to_owned(), json!(value))));
        claims
    }

    fn with(&self, claims: Value) -> Map<String, Value> {
        let mut all = json!({
            "iss": self.issuer,
            "aud": [self.client_id],
            "azp": self.client_id,
            "exp": self.issued_at.saturating_add(self.lifetime.into()),
            "iat": self.issued_at,
            "auth_time": self.authenticated_at,
            "acr": self.acr,
        });
        let members = all.as_object_mut().map(std::mem::take).unwrap_or_default();
        match claims {
            Value::Object(claims) => claims.into_iter().chain(members).collect(),
            _ => members,
        }
    }
}

/// The left half of the SHA-256 (OpenID Connect Core, section 3.1.3.6).
pub(crate) fn validation_hash(value: &str) -> String {
    let hash = Sha256::digest(value);
    URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default())
}

/// What a valid bearer token says.
pub(crate) struct Checked {
    pub(crate) subject: Uuid,
    /// Whether it is of ACR level 1.
    pub(crate) is_level_one: bool,
}

/// Checks signature and expiry, and nothing more, as the real server does: it accepts an ID token
/// too.
pub(crate) fn check(token: &str, keys: &Keys, now: i64) -> Option<Checked> {
    let (message, signature) = token.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let header = decode(header)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if header.get("alg")? != "RS256"
        || !keys.verify(header.get("kid")?.as_str()?, message, &signature)
    {
        return None;
    }
    let claims = decode(claims)?;
    if now > claims.get("exp")?.as_i64()?.saturating_add(LEEWAY) {
        return None;
    }
    Some(Checked {
        subject: claims.get("sub")?.as_str()?.parse().ok()?,
        is_level_one: match claims.get("acr")?.as_str()? {
            "0" => false,
            "1" => true,
            _ => return None,
        },
    })
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
