//! Encrypted ID tokens (RFC 7516): RSA-OAEP-256 with A256CBC-HS512, which is what the real server
//! sends, and the keys for them.

use aes::Aes256;
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{
        OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents,
    },
    signature::RSA_PKCS1_2048_8192_SHA256,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cbc::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use hmac::{Hmac, KeyInit, Mac};
use pkcs1::RsaPrivateKey;
use pkcs8::PrivateKeyInfo;
use serde_json::{Value, json};
use sha2::Sha512;

use super::keys::generate_der;
use crate::{error::StartError, random::random_string};

/// A new RSA key of that many bits as a private JWK (RFC 7517), as the real server hands one out:
/// for [`Client::encryption_key`](crate::Client::encryption_key) and for the configuration of the
/// client that decrypts. It takes some tenths of a second for 2048 bits.
///
/// ```
/// use fief_devserver::{Client, generate_encryption_key};
///
/// let client = Client::public("tool").encryption_key(generate_encryption_key(2048)?);
/// # let _ = client;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`StartError::KeySize`] for a size that is not offered, [`StartError::Key`] if no key can be
/// generated.
pub fn generate_encryption_key(bits: u16) -> Result<Value, StartError> {
    let der = generate_der(bits)?;
    let info = PrivateKeyInfo::try_from(der.as_slice()).map_err(StartError::key)?;
    let key = RsaPrivateKey::try_from(info.private_key).map_err(StartError::key)?;
    let number = |number: pkcs1::UintRef<'_>| URL_SAFE_NO_PAD.encode(number.as_bytes());
    Ok(json!({
        "kty": "RSA",
        "use": "enc",
        "kid": random_string(),
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

/// The public key of a client that its ID tokens are encrypted to.
pub(crate) struct EncryptionKey {
    kid: Option<String>,
    key: OaepPublicEncryptingKey,
}

impl EncryptionKey {
    /// From a JWK (RFC 7517), of which a private part is ignored.
    pub(crate) fn from_jwk(jwk: &Value) -> Option<Self> {
        let number = |name| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
        let (n, e) = (number("n")?, number("e")?);
        let public = PublicKeyComponents { n, e };
        // Parsing for this algorithm checks the size.
        let public = public.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()?;
        let der: PublicKeyX509Der<'_> = public.as_der().ok()?;
        let key = PublicEncryptingKey::from_der(der.as_ref()).ok()?;
        let key = OaepPublicEncryptingKey::new(key).ok()?;
        let kid = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
        Some(Self { kid, key })
    }

    /// The compact form.
    pub(crate) fn encrypt(&self, plain: &str) -> Option<String> {
        let mut header = json!({"alg": "RSA-OAEP-256", "enc": "A256CBC-HS512"});
        if let (Some(kid), Some(members)) = (&self.kid, header.as_object_mut()) {
            members.insert("kid".to_owned(), json!(kid));
        }
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let (mut key, mut iv) = ([0; 64], [0; 16]);
        getrandom::fill(&mut key).ok()?;
        getrandom::fill(&mut iv).ok()?;

        let mut wrapped = vec![0; self.key.ciphertext_size()];
        let wrapped = self.key.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut wrapped, None).ok()?;
        let (mac_key, cipher_key) = key.split_at(32);
        let ciphertext = cbc::Encryptor::<Aes256>::new_from_slices(cipher_key, &iv)
            .ok()?
            .encrypt_padded_vec::<Pkcs7>(plain.as_bytes());
        let bits = u64::try_from(header.len()).ok()?.checked_mul(8)?;
        let mut mac = <Hmac<Sha512> as KeyInit>::new_from_slice(mac_key).ok()?;
        for part in [header.as_bytes(), &iv, &ciphertext, &bits.to_be_bytes()] {
            mac.update(part);
        }
        let tag = mac.finalize().into_bytes();
        let parts = [&*wrapped, &iv, &ciphertext, tag.get(..32)?];
        let [wrapped, iv, ciphertext, tag] = parts.map(|part| URL_SAFE_NO_PAD.encode(part));
        Some(format!("{header}.{wrapped}.{iv}.{ciphertext}.{tag}"))
    }
}
