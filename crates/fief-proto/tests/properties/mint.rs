//! Tokens with claims of any kind, signed with the test key of the vectors.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rsa::KeyPair,
    signature::RSA_PKCS1_SHA256,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

/// The claims are a JSON string, so that a number may be written in any way.
pub fn sign(claims: &str) -> String {
    let header = r#"{"alg":"RS256","kid":"first"}"#;
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let message = format!("{header}.{claims}");
    let pair = key();
    let mut signature = vec![0; pair.public_modulus_len()];
    let digest = digest(&SHA256, message.as_bytes());
    pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn key() -> KeyPair {
    let pem = include_str!("../../../fief-vectors/material/keys/first.pem");
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    KeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap()
}
