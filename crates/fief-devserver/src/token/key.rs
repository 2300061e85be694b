//! Signing keys.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, aws_lc::DEFAULT_PROVIDER},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::StartError;

/// The provider is held explicitly; the crate's process-wide default is never asked.
const PROVIDER: &CryptoProvider = &DEFAULT_PROVIDER;

/// Keys of 2048 bits that come with the crate: generating one takes longer than all the rest of a
/// start. Everybody knows them, which is one reason why this server is for development only.
const PREPARED: [&str; 3] = [
    include_str!("../../keys/1.pem"),
    include_str!("../../keys/2.pem"),
    include_str!("../../keys/3.pem"),
];

/// A key that is never published.
const FOREIGN: &str = include_str!("../../keys/foreign.pem");

/// An RSA key that signs tokens with RS256.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    private: EncodingKey,
    public: DecodingKey,
    n: String,
    e: String,
}

impl SigningKey {
    fn from_pem(pem: &str) -> Result<Self, StartError> {
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(StartError::key)?;
        let components = PROVIDER.key_utils.rsa_pub_components_from_private_key;
        let (n, e) = components(private.as_bytes()).map_err(StartError::key)?;
        let public = DecodingKey::from_rsa_raw_components(&n, &e);
        let [n, e] = [n, e].map(|number| URL_SAFE_NO_PAD.encode(number));
        // The thumbprint of RFC 7638.
        let thumbprint = Sha256::digest(format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#));
        Ok(Self { kid: URL_SAFE_NO_PAD.encode(thumbprint), private, public, n, e })
    }

    fn generate(bits: u16) -> Result<Self, StartError> {
        let pair = KeyPair::generate(size(bits)?).map_err(StartError::key)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(StartError::key)?;
        let body = STANDARD.encode(der.as_ref());
        Self::from_pem(&format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
    }

    /// The public half, as the key set of the real server shows it: without `alg`.
    fn jwk(&self) -> Value {
        self.jwk_as(&self.kid)
    }

    fn jwk_as(&self, kid: &str) -> Value {
        json!({"kty": "RSA", "use": "sig", "kid": kid, "n": self.n, "e": self.e})
    }

    /// The claims as a compact JWS (RFC 7515).
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({"alg": "RS256", "kid": self.kid});
        let [header, claims] =
            [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signer = (PROVIDER.signer_factory)(&Algorithm::RS256, &self.private).ok()?;
        let signature = signer.try_sign(message.as_bytes()).ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    pub(crate) fn verify(&self, message: &str, signature: &[u8]) -> bool {
        (PROVIDER.verifier_factory)(&Algorithm::RS256, &self.public)
            .is_ok_and(|verifier| verifier.verify(message.as_bytes(), &signature.to_vec()).is_ok())
    }
}

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

    /// A new key takes over. With an overlap the ones before stay published.
    pub(crate) fn rotate(&mut self, key: SigningKey, overlap: bool) {
        if !overlap {
            self.published.clear();
        }
        self.published.push(key);
    }

    /// A key to rotate to.
    pub(crate) fn another(bits: u16) -> Result<SigningKey, StartError> {
        SigningKey::generate(bits)
    }

    pub(crate) fn signing(&self) -> Option<&SigningKey> {
        self.published.last()
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.published.iter().find(|key| key.kid == kid)
    }

    /// A key set with another key under each `kid`, as a fault has it.
    pub(crate) fn foreign_jwks(&self) -> Value {
        let foreign = SigningKey::from_pem(FOREIGN).ok();
        let under = |kid: &str| Some(foreign.as_ref()?.jwk_as(kid));
        let keys: Vec<_> = self.published.iter().filter_map(|key| under(&key.kid)).collect();
        json!({ "keys": keys })
    }

    /// Another key under the `kid` of the one that signs, as a fault has it.
    pub(crate) fn foreign_signing(&self) -> Option<SigningKey> {
        let kid = self.signing()?.kid.clone();
        Some(SigningKey { kid, ..SigningKey::from_pem(FOREIGN).ok()? })
    }

    /// The key set (RFC 7517, section 5).
    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": self.published.iter().map(SigningKey::jwk).collect::<Vec<_>>()})
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
