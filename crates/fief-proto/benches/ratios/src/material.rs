//! Tokens that are valid now, signed by the test keys of the vectors, and the documents to check
//! them by.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fief_proto::{Client, Config, Provider, UnixTime};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://fief.example";
pub const CLIENT_ID: &str = "duchy-app";

/// A key of the vectors, and an access token that it has signed, as Fief writes them.
pub struct Signed {
    pub jwk: Value,
    pub n: Vec<u8>,
    pub e: Vec<u8>,
    pub access_token: String,
    pub id_token: String,
}

impl Signed {
    pub fn rsa_2048() -> Self {
        Self::by("first", include_str!("../../../../fief-vectors/material/keys/first.pem"))
    }

    pub fn rsa_4096() -> Self {
        Self::by("strong", include_str!("../../../../fief-vectors/material/keys/strong.pem"))
    }

    /// Tokens that were valid at [`THEN`].
    pub fn of_the_vectors() -> Self {
        Self::from_tokens(key("first"), token("access"), token("id"))
    }

    fn from_tokens(jwk: Value, access_token: String, id_token: String) -> Self {
        let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        Self { n: number("n"), e: number("e"), jwk, access_token, id_token }
    }

    fn by(name: &str, pem: &str) -> Self {
        let jwk = key(name);
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        let mut header = Header::new(Algorithm::RS256);
        header.typ = None;
        header.kid = Some(jwk["kid"].as_str().unwrap().to_owned());
        let sign = |claims: &Value| encode(&header, claims, &key).unwrap();
        let access_token = sign(&json!({
                "acr": "1",
                "aud": [CLIENT_ID],
                "auth_time": now().as_secs() - 20,
                "azp": CLIENT_ID,
                "exp": now().as_secs() + 3600,
                "iat": now().as_secs() - 10,
                "iss": ISSUER,
                "permissions": ["castles:read", "castles:create"],
                "scope": "openid offline_access",
                "sub": "545e68d4-b831-43cb-9aec-972543716667",
        }));
        let id_token = sign(&json!({
                "acr": "1",
                "aud": [CLIENT_ID],
                "auth_time": now().as_secs() - 20,
                "azp": CLIENT_ID,
                "email": "anne@bretagne.duchy",
                "email_verified": true,
                "exp": now().as_secs() + 3600,
                "iat": now().as_secs() - 10,
                "is_active": true,
                "iss": ISSUER,
                "sub": "545e68d4-b831-43cb-9aec-972543716667",
                "tenant_id": "c91ecb7f-359c-4244-8385-51ecd6c0d06b",
        }));
        Self::from_tokens(jwk, access_token, id_token)
    }

    /// Parsed once, as ours are.
    pub fn bare_key(&self) -> aws_lc_rs::signature::ParsedPublicKey {
        bare_key(&self.n, &self.e)
    }

    pub fn signed_part(&self) -> (&[u8], Vec<u8>) {
        let (message, signature) = self.access_token.rsplit_once('.').unwrap();
        (message.as_bytes(), URL_SAFE_NO_PAD.decode(signature).unwrap())
    }

    pub fn key_set(&self) -> Vec<u8> {
        json!({ "keys": [self.jwk] }).to_string().into_bytes()
    }

    pub fn provider(&self, client: &Client) -> Provider {
        Provider::from_documents(client, &discovery(ISSUER), &self.key_set(), now()).unwrap()
    }
}

pub fn bare_key(n: &[u8], e: &[u8]) -> aws_lc_rs::signature::ParsedPublicKey {
    aws_lc_rs::signature::RsaPublicKeyComponents { n, e }
        .to_parsed_public_key(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256)
        .unwrap()
}

pub fn config() -> Config {
    Config::new(ISSUER, CLIENT_ID)
}

pub fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixTime::from_secs(since.as_secs().try_into().unwrap())
}

/// A discovery document of this issuer.
pub fn discovery(issuer: &str) -> Vec<u8> {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/api/token"),
        "userinfo_endpoint": format!("{issuer}/api/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
    })
    .to_string()
    .into_bytes()
}

pub fn key(name: &str) -> Value {
    member(include_str!("../../../../fief-vectors/material/keys.json"), &format!("jwk_{name}"))
}

/// A token of the vectors, made for [`THEN`].
pub fn token(name: &str) -> String {
    let tokens = include_str!("../../../../fief-vectors/material/tokens.json");
    member(tokens, name).as_str().unwrap().to_owned()
}

/// The moment for which the tokens of the vectors were made.
pub const THEN: UnixTime = UnixTime::from_secs(1_790_000_000);

fn member(document: &str, name: &str) -> Value {
    serde_json::from_str::<Value>(document).unwrap()[name].clone()
}
