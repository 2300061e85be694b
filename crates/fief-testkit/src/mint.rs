//! Tokens with claims of the test's own, signed by the key `first` of the vectors.

use std::{fmt::Display, sync::LazyLock};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use fief_proto::UnixTime;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, pkcs8::DecodePrivateKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::material::{CLIENT_ID, ISSUER, SUBJECT};

/// Signs claims: JSON as it stands, so that a number may be written in any way.
pub fn sign(claims: &(impl Display + ?Sized)) -> String {
    let header = r#"{"alg":"RS256","kid":"first"}"#;
    let [header, claims] = [header, &claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
    let message = format!("{header}.{claims}");
    // The ASN.1 that says "SHA-256" before the hash (RFC 8017 section 9.2, note 1).
    let prefix = *b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
    let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(prefix) };
    let signature = FIRST.sign(scheme, &Sha256::digest(&message)).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

static FIRST: LazyLock<RsaPrivateKey> = LazyLock::new(|| {
    let pem = include_str!("../../fief-vectors/material/keys/first.pem");
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    RsaPrivateKey::from_pkcs8_der(&STANDARD.decode(base64).unwrap()).unwrap()
});

/// An access token of that moment, with these claims changed.
pub fn access_token(now: UnixTime, changes: &Value) -> String {
    let mut claims = access_claims(now);
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    sign(&claims)
}

/// The claims of a good access token.
pub fn access_claims(now: UnixTime) -> Value {
    let mut claims = claims(now);
    claims["scope"] = "openid".into();
    claims["permissions"] = json!(["castles:read"]);
    claims
}

/// The claims of a good ID token.
pub fn id_claims(now: UnixTime) -> Value {
    let mut claims = claims(now);
    claims["email"] = "anne@bretagne.duchy".into();
    claims["fields"] = json!({ "castles": 3 });
    claims
}

fn claims(now: UnixTime) -> Value {
    json!({
        "iss": ISSUER,
        "sub": SUBJECT,
        "aud": [CLIENT_ID],
        "azp": CLIENT_ID,
        "exp": now.as_secs() + 3600,
        "iat": now.as_secs(),
        "auth_time": now.as_secs(),
        "acr": "0",
    })
}
