//! Signing keys.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize, PublicKeyComponents},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, Jwk, PublicKeyUse, RSAKeyParameters, RSAKeyType,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::StartError;

/// Keys of 2048 bits that come with the crate, because generating one takes longer than all else at
/// a start. They are public, which is one reason why this server is for development only.
const PREPARED: [&str; 3] = [
    include_str!("../../keys/1.pem"),
    include_str!("../../keys/2.pem"),
    include_str!("../../keys/3.pem"),
];

/// A key that is never published.
const FOREIGN: &str = include_str!("../../keys/foreign.pem");

/// The keys of a tenant: the newest signs, all are published.
pub(crate) struct Keys {
    published: Vec<SigningKey>,
}

impl Keys {
    /// A first key; prepared ones differ from tenant to tenant.
    pub(crate) fn new(bits: u16, tenant: usize) -> Result<Self, StartError> {
        let key = match PREPARED.get(tenant) {
            Some(pem) if bits == 2048 => SigningKey::from_pem(pem)?,
            _ => SigningKey::generate(bits)?,
        };
        Ok(Self { published: vec![key] })
    }

    /// Signs with a new key from now on. With an overlap, the old ones stay published.
    pub(crate) fn rotate(&mut self, key: SigningKey, overlap: bool) {
        if !overlap {
            self.published.clear();
        }
        self.published.push(key);
    }

    pub(crate) fn signing(&self) -> Option<&SigningKey> {
        self.published.last()
    }

    /// Whether a published key of that `kid` has signed the message.
    pub(crate) fn verify(&self, kid: &str, message: &str, signature: &[u8]) -> bool {
        let key = self.published.iter().find(|key| key.kid == kid);
        key.is_some_and(|key| key.verify(message, signature))
    }

    /// A key set with another key under each `kid`, for a fault.
    pub(crate) fn foreign_jwks(&self) -> Value {
        let foreign = SigningKey::from_pem(FOREIGN).ok();
        let under = |kid: &str| Some(foreign.as_ref()?.jwk_as(kid));
        let keys: Vec<_> = self.published.iter().filter_map(|key| under(&key.kid)).collect();
        json!({ "keys": keys })
    }

    /// Another key under the `kid` of the signing one, for a fault.
    pub(crate) fn foreign_signing(&self) -> Option<SigningKey> {
        let kid = self.signing()?.kid.clone();
        Some(SigningKey { kid, ..SigningKey::from_pem(FOREIGN).ok()? })
    }

    /// The key set (RFC 7517, section 5).
    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": self.published.iter().map(|key| key.jwk_as(&key.kid)).collect::<Vec<_>>()})
    }
}

/// An RSA key that signs tokens with RS256.
pub(crate) struct SigningKey {
    kid: String,
    pair: KeyPair,
    n: Vec<u8>,
    e: Vec<u8>,
}

impl SigningKey {
    pub(crate) fn generate(bits: u16) -> Result<Self, StartError> {
        Ok(Self::of(KeyPair::generate(size(bits)?).map_err(StartError::key)?))
    }

    fn from_pem(pem: &str) -> Result<Self, StartError> {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = STANDARD.decode(body).map_err(StartError::key)?;
        Ok(Self::of(KeyPair::from_pkcs8(&der).map_err(StartError::key)?))
    }

    fn of(pair: KeyPair) -> Self {
        let public = pair.public_key();
        let [n, e] = [public.modulus(), public.exponent()]
            .map(|number| number.big_endian_without_leading_zero().to_vec());
        let [shown_n, shown_e] = [&n, &e].map(|number| URL_SAFE_NO_PAD.encode(number));
        // The thumbprint of RFC 7638.
        let thumbprint = format!(r#"{{"e":"{shown_e}","kty":"RSA","n":"{shown_n}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(thumbprint));
        Self { kid, pair, n, e }
    }

    /// The public half, as the key set of the real server shows it: without `alg`.
    fn jwk_as(&self, kid: &str) -> Jwk {
        let [n, e] = [&self.n, &self.e].map(|number| URL_SAFE_NO_PAD.encode(number));
        Jwk {
            common: CommonParameters {
                public_key_use: Some(PublicKeyUse::Signature),
                key_id: Some(kid.to_owned()),
                ..CommonParameters::default()
            },
            algorithm: AlgorithmParameters::RSA(RSAKeyParameters {
                key_type: RSAKeyType::RSA,
                n,
                e,
            }),
        }
    }

    /// The claims as a compact JWS (RFC 7515).
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({"alg": "RS256", "kid": self.kid});
        let [header, claims] =
            [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn verify(&self, message: &str, signature: &[u8]) -> bool {
        let public = PublicKeyComponents { n: &self.n, e: &self.e };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), signature).is_ok()
    }
}

/// The sizes that are offered.
pub(super) fn size(bits: u16) -> Result<KeySize, StartError> {
    Ok(match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        8192 => KeySize::Rsa8192,
        _ => return Err(StartError::KeySize(bits)),
    })
}

/// A new key as DER (PKCS#8), to be given to other software.
pub(super) fn generate_der(bits: u16) -> Result<Vec<u8>, StartError> {
    let pair = KeyPair::generate(size(bits)?).map_err(StartError::key)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(StartError::key)?;
    Ok(der.as_ref().to_vec())
}
