//! JSON Web Keys (RFC 7517): the published key set, and the client's own decryption key.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::crypto::{Backend, RsaComponents, RsaPrivateKey, RsaPublicKey};
use crate::{
    base::{
        json::{JsonError, Object},
        secret::{Secret, Wiped},
    },
    error::{
        Error,
        local::ConfigError,
        provider::{KeyFault, ProviderError},
        response::{ResponseError, ResponseFault},
    },
    http::endpoint::Endpoint,
};

/// The usable keys of a published set, each parsed once, when the set is read.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
    fingerprint: [u8; 32],
}

#[derive(Debug)]
struct Key {
    kid: Option<String>,
    key: RsaPublicKey,
}

impl KeySet {
    /// Reads a set. Entries that can't check RS256 are skipped: a server may publish other keys
    /// too.
    pub(crate) fn parse(document: &[u8], backend: Backend) -> Result<Self, Error> {
        // A malformed entry is skipped as well, so that entries are not checked here.
        let entries: Vec<&RawValue> = Object::parse_outside(document)
            .and_then(|set| set.required("keys", "a list of keys"))
            .map_err(|error| ResponseError::new(Endpoint::Keys, ResponseFault::Json(error)))?;
        let mut hash = Sha256::new();
        let (mut keys, mut faults, count) = (Vec::new(), Vec::new(), entries.len());
        for entry in entries {
            match Key::parse(entry, backend, &mut hash) {
                Ok(key) => keys.push(key),
                Err(fault) if faults.len() < 8 => faults.push(fault),
                Err(_) => {}
            }
        }
        if keys.is_empty() {
            return Err(ProviderError::NoUsableKey { faults, entries: count }.into());
        }
        Ok(Self { keys, fingerprint: hash.finalize().into() })
    }

    /// SHA-256 of the usable keys: equal for the same keys in the same order.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// The keys that may have made a signature: those with this `kid`, or all where none is given.
    pub(crate) fn candidates<'a>(
        &'a self,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a RsaPublicKey> {
        self.keys
            .iter()
            .filter(move |key| kid.is_none() || key.kid.as_deref() == kid)
            .map(|key| &key.key)
    }
}

/// What matters here of a public RSA key (RFC 7517 section 4, RFC 7518 section 6.3.1).
#[derive(Deserialize)]
struct RsaJwk {
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    n: String,
    e: String,
}

impl Key {
    fn parse(entry: &RawValue, backend: Backend, hash: &mut Sha256) -> Result<Self, KeyFault> {
        let object = Object::parse(entry.get().as_bytes()).map_err(|_| KeyFault::Malformed)?;
        if object.string("kty").ok().flatten().is_none_or(|kind| *kind != *"RSA") {
            return Err(KeyFault::Type);
        }
        let jwk: RsaJwk = serde_json::from_str(entry.get()).map_err(|_| KeyFault::Malformed)?;
        if jwk.purpose.is_some_and(|purpose| purpose != "sig") {
            return Err(KeyFault::Use);
        }
        if jwk.key_ops.is_some_and(|operations| !operations.iter().any(|name| name == "verify")) {
            return Err(KeyFault::Operations);
        }
        if jwk.alg.is_some_and(|algorithm| algorithm != "RS256") {
            return Err(KeyFault::Algorithm);
        }
        let n = URL_SAFE_NO_PAD.decode(&jwk.n).map_err(|_| KeyFault::Malformed)?;
        let e = URL_SAFE_NO_PAD.decode(&jwk.e).map_err(|_| KeyFault::Malformed)?;
        let (n, e) = (without_leading_zeros(&n), without_leading_zeros(&e));
        check_strength(n, e)?;
        let key = RsaPublicKey::new(n, e, backend).ok_or(KeyFault::Modulus)?;
        let kid = jwk.kid;
        hash.update([u8::from(kid.is_some())]);
        for part in [kid.as_deref().unwrap_or_default().as_bytes(), n, e] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Ok(Self { kid, key })
    }
}

pub(crate) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// A modulus of 2048 to 8192 bits, and an odd exponent from 3 to 2^33.
fn check_strength(n: &[u8], e: &[u8]) -> Result<(), KeyFault> {
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
    if !(2048..=8192).contains(&bits) {
        return Err(KeyFault::Size(bits));
    }
    if !is_odd(n) {
        return Err(KeyFault::Modulus);
    }
    let exponent = match e.len() {
        1..=5 => e.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte)),
        _ => 0,
    };
    if !(3..1 << 33).contains(&exponent) || !is_odd(e) {
        return Err(KeyFault::Exponent);
    }
    Ok(())
}

/// The private key that Fief hands out for a client with encrypted ID tokens.
pub(crate) fn private_key(jwk: &str, backend: Backend) -> Result<RsaPrivateKey, ConfigError> {
    let refused = |why: String| ConfigError::new("encryption_key", why);
    let object = Object::parse(jwk.as_bytes())
        .map_err(|error| refused(format!("the encryption key is not a JWK: {error}")))?;
    let string =
        |name| object.optional::<String>(name, "a string").map_err(|error| describe(&error));
    if string("kty")?.as_deref() != Some("RSA") {
        return Err(refused("the encryption key is not an RSA key (`kty`)".to_owned()));
    }
    if string("use")?.is_some_and(|purpose| purpose != "enc") {
        return Err(refused("the encryption key is not for encryption (`use`)".to_owned()));
    }
    if string("alg")?.is_some_and(|algorithm| algorithm != "RSA-OAEP-256") {
        return Err(refused("the encryption key is not for RSA-OAEP-256 (`alg`)".to_owned()));
    }
    let number = |name: &'static str| {
        let text: Secret = object.required(name, "a string").map_err(|error| describe(&error))?;
        let bytes =
            Wiped::from(URL_SAFE_NO_PAD.decode(text.expose().as_bytes()).map_err(|_| {
                refused(format!("the encryption key's `{name}` is not unpadded base64url"))
            })?);
        Ok(Wiped::from(without_leading_zeros(&bytes).to_vec()))
    };
    let components = RsaComponents {
        n: number("n")?,
        e: number("e")?,
        d: number("d")?,
        p: number("p")?,
        q: number("q")?,
        dp: number("dp")?,
        dq: number("dq")?,
        qi: number("qi")?,
    };
    check_strength(&components.n, &components.e)
        .map_err(|fault| refused(format!("the encryption key {fault}")))?;
    RsaPrivateKey::new(&components, backend)
}

fn describe(error: &JsonError) -> ConfigError {
    ConfigError::new(
        "encryption_key",
        format!("the encryption key is not the private JWK that Fief hands out: {error}"),
    )
}
