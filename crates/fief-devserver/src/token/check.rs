//! What the user API accepts as a bearer token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use uuid::Uuid;

use super::Keys;

/// Seconds that a token is still taken for after it expired, as the real server does.
const LEEWAY: i64 = 60;

/// What a good token says.
pub(crate) struct Checked {
    pub(crate) subject: Uuid,
    /// Whether a password was given for it.
    pub(crate) is_level_one: bool,
}

/// Signature and expiry, and nothing more: as the real server, which takes an ID token too.
pub(crate) fn check(token: &str, keys: &Keys, now: i64) -> Option<Checked> {
    let (message, signature) = token.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let header = decode(header)?;
    if header.get("alg")? != "RS256" {
        return None;
    }
    let key = keys.find(header.get("kid")?.as_str()?)?;
    if !key.verify(message, &URL_SAFE_NO_PAD.decode(signature).ok()?) {
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
