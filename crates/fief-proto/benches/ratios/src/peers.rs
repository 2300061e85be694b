//! Other libraries, used as their documentation shows.

use std::{collections::HashMap, str::FromStr as _};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use openidconnect::{
    ClientId, IssuerUrl, Nonce,
    core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet},
};
use serde::Deserialize;

use crate::material::{CLIENT_ID, ISSUER, Signed};

/// With keys parsed once, by name.
pub struct JsonWebToken {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, as ours are")]
pub struct Claims {
    acr: String,
    azp: String,
    exp: i64,
    iat: i64,
    permissions: Vec<String>,
    scope: String,
    sub: String,
}

impl JsonWebToken {
    pub fn new(signed: &Signed) -> Self {
        let jwk = serde_json::from_value(signed.jwk.clone()).unwrap();
        let name = signed.jwk["kid"].as_str().unwrap().to_owned();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[CLIENT_ID]);
        validation.set_issuer(&[ISSUER]);
        Self { keys: HashMap::from([(name, DecodingKey::from_jwk(&jwk).unwrap())]), validation }
    }

    pub fn validate(&self, token: &str) -> Claims {
        let name = decode_header(token).unwrap().kid.unwrap();
        decode(token, &self.keys[&name], &self.validation).unwrap().claims
    }
}

pub struct OpenIdConnect(CoreIdTokenVerifier<'static>);

impl OpenIdConnect {
    pub fn new(signed: &Signed) -> Self {
        let keys: CoreJsonWebKeySet = serde_json::from_slice(&signed.key_set()).unwrap();
        let issuer = IssuerUrl::new(ISSUER.to_owned()).unwrap();
        Self(CoreIdTokenVerifier::new_public_client(
            ClientId::new(CLIENT_ID.to_owned()),
            issuer,
            keys,
        ))
    }

    pub fn validate(&self, token: &str) {
        let token = CoreIdToken::from_str(token).unwrap();
        let unasked = |_: Option<&Nonce>| Ok(());
        token.claims(&self.0, unasked).unwrap();
    }
}
