//! Tokens, signed with the test key of the vectors.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fief_hyper::UnixTime;
use jsonwebtoken::{Algorithm, EncodingKey, crypto::aws_lc::DEFAULT_PROVIDER};
use serde_json::{Value, json};

use super::{ANNE, BASE, CLIENT};

static KEY: LazyLock<EncodingKey> = LazyLock::new(|| {
    let pem = include_bytes!("../../../fief-vectors/material/keys/first.pem");
    EncodingKey::from_rsa_pem(pem).unwrap()
});

pub fn keys() -> Vec<u8> {
    let keys = include_str!("../../../fief-vectors/material/keys.json");
    let keys: Value = serde_json::from_str(keys).unwrap();
    json!({ "keys": [keys["jwk_first"]] }).to_string().into_bytes()
}

pub fn discovery() -> Value {
    json!({
        "issuer": BASE,
        "authorization_endpoint": format!("{BASE}/authorize"),
        "token_endpoint": format!("{BASE}/api/token"),
        "userinfo_endpoint": format!("{BASE}/api/userinfo"),
        "jwks_uri": format!("{BASE}/.well-known/jwks.json"),
    })
}

/// An access token with these claims changed.
pub fn access_token(now: UnixTime, changes: &Value) -> String {
    let mut claims = access_claims(now);
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    sign(&claims)
}

pub fn access_claims(now: UnixTime) -> Value {
    json!({
        "iss": BASE,
        "sub": ANNE,
        "aud": [CLIENT],
        "azp": CLIENT,
        "exp": now.as_secs() + 3600,
        "iat": now.as_secs(),
        "auth_time": now.as_secs(),
        "acr": "0",
        "scope": "openid",
        "permissions": ["castles:read"],
    })
}

pub fn id_claims(now: UnixTime, login: &Value) -> Value {
    let mut claims = json!({
        "iss": BASE,
        "sub": ANNE,
        "aud": [CLIENT],
        "azp": CLIENT,
        "exp": now.as_secs() + 3600,
        "iat": now.as_secs(),
        "auth_time": now.as_secs(),
        "acr": login["acr"],
        "email": "anne@bretagne.duchy",
        "fields": { "castles": 3 },
    });
    if let Some(nonce) = login.get("nonce") {
        claims["nonce"] = nonce.clone();
    }
    claims
}

/// Signs with an explicit backend: `jsonwebtoken` has no default if two are compiled in.
pub fn sign(claims: &Value) -> String {
    let header = json!({"alg": "RS256", "kid": "first"});
    let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let signer = (DEFAULT_PROVIDER.signer_factory)(&Algorithm::RS256, &KEY).unwrap();
    let signature = signer.try_sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
