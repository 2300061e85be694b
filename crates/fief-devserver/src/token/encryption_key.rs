//! New keys for clients that want their ID tokens encrypted.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeyPair,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use pkcs1::RsaPrivateKey;
use pkcs8::PrivateKeyInfo;
use serde_json::{Value, json};

use super::key::size;
use crate::{StartError, world::random_text};

/// A new RSA key of that many bits as a private JWK (RFC 7517), as the real server hands one out:
/// for [`Client::encryption_key`](crate::Client::encryption_key) and for the configuration of the
/// client that decrypts. Takes a while: some tenths of a second for 2048 bits.
///
/// # Errors
///
/// [`StartError::KeySize`] for a size that is not offered, [`StartError::Key`] if there is no key
/// to be had.
pub fn generate_encryption_key(bits: u16) -> Result<Value, StartError> {
    let pair = KeyPair::generate(size(bits)?).map_err(StartError::key)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(StartError::key)?;
    let info = PrivateKeyInfo::try_from(der.as_ref()).map_err(StartError::key)?;
    let key = RsaPrivateKey::try_from(info.private_key).map_err(StartError::key)?;
    let number = |number: pkcs1::UintRef<'_>| URL_SAFE_NO_PAD.encode(number.as_bytes());
    Ok(json!({
        "kty": "RSA",
        "use": "enc",
        "kid": random_text(),
        "n": number(key.modulus),
        "e": number(key.public_exponent),
        "d": number(key.private_exponent),
        "p": number(key.prime1),
        "q": number(key.prime2),
        "dp": number(key.exponent1),
        "dq": number(key.exponent2),
        "qi": number(key.coefficient),
    }))
}
