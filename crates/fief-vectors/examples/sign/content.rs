//! The content encryptions of JWE, with keys and initialisation vectors derived from a name.

use std::error::Error;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit};
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha512};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// An encrypted content.
pub struct Sealed {
    pub key: Vec<u8>,
    pub iv: Vec<u8>,
    pub ciphertext: Vec<u8>,
    pub tag: Vec<u8>,
}

/// Encrypts `text`, authenticates it and `aad`.
pub fn seal(enc: &str, name: &str, aad: &[u8], text: &[u8], bad_padding: bool) -> Result<Sealed> {
    let (key_length, iv_length) = match enc {
        "A128CBC-HS256" => (32, 16),
        "A256CBC-HS512" => (64, 16),
        "A128GCM" => (16, 12),
        "A256GCM" => (32, 12),
        _ => return Err(format!("`{enc}` is not known").into()),
    };
    let key = draw(name, "key", key_length);
    let iv = draw(name, "iv", iv_length);
    let text =
        if bad_padding { [text, &vec![0; 32 - text.len() % 16]].concat() } else { text.into() };
    let (ciphertext, tag) = match enc {
        "A128GCM" => gcm(&Aes128Gcm::new_from_slice(&key)?, &iv, aad, &text)?,
        "A256GCM" => gcm(&Aes256Gcm::new_from_slice(&key)?, &iv, aad, &text)?,
        _ => {
            let (mac_key, cipher_key) = key.split_at(key_length / 2);
            let ciphertext = cbc(cipher_key, &iv, &text, bad_padding)?;
            let bits = u64::try_from(aad.len())? * 8;
            let parts = [aad, &iv, &ciphertext, &bits.to_be_bytes()].concat();
            let mut tag = if enc == "A128CBC-HS256" {
                mac::<Hmac<Sha256>>(mac_key, &parts)?
            } else {
                mac::<Hmac<Sha512>>(mac_key, &parts)?
            };
            tag.truncate(key_length / 2);
            (ciphertext, tag)
        }
    };
    Ok(Sealed { key, iv, ciphertext, tag })
}

fn gcm(cipher: &impl Aead, iv: &[u8], aad: &[u8], text: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let nonce = iv.try_into().map_err(|_| "wrong length of nonce")?;
    let mut sealed =
        cipher.encrypt(nonce, Payload { msg: text, aad }).map_err(|_| "encryption failed")?;
    let tag = sealed.split_off(sealed.len() - 16);
    Ok((sealed, tag))
}

fn cbc(key: &[u8], iv: &[u8], text: &[u8], bad_padding: bool) -> Result<Vec<u8>> {
    fn encrypt<C>(cipher: C, text: &[u8], bad_padding: bool) -> Vec<u8>
    where
        C: BlockModeEncrypt,
    {
        // The plaintext then ends in a zero byte, which no valid padding does.
        if bad_padding {
            cipher.encrypt_padded_vec::<NoPadding>(text)
        } else {
            cipher.encrypt_padded_vec::<Pkcs7>(text)
        }
    }
    Ok(if key.len() == 16 {
        encrypt(cbc::Encryptor::<aes::Aes128>::new_from_slices(key, iv)?, text, bad_padding)
    } else {
        encrypt(cbc::Encryptor::<aes::Aes256>::new_from_slices(key, iv)?, text, bad_padding)
    })
}

fn mac<M: Mac + KeyInit>(key: &[u8], parts: &[u8]) -> Result<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key)?;
    mac.update(parts);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// Bytes that look random and are always the same.
fn draw(name: &str, role: &str, length: usize) -> Vec<u8> {
    let bytes = (0u8..4).flat_map(|part| {
        Sha256::digest([name.as_bytes(), role.as_bytes(), &[part]].concat()).to_vec()
    });
    bytes.take(length).collect()
}
