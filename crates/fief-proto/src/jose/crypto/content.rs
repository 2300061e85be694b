//! The content of a JWE (RFC 7518 section 5): AES-CBC with HMAC, and AES-GCM.

use aes::{
    Aes128, Aes256,
    cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7},
};
use aes_gcm::{
    Aes128Gcm, Aes256Gcm,
    aead::{Aead, Payload},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

/// How the content is encrypted, `enc`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ContentEncryption {
    A128CbcHs256,
    A128Gcm,
    A256CbcHs512,
    A256Gcm,
}

/// An encrypted content with all that belongs to it, except the key.
pub(crate) struct Sealed<'a> {
    pub iv: &'a [u8],
    pub ciphertext: &'a [u8],
    pub tag: &'a [u8],
    /// The additional authenticated data: the header as it was sent.
    pub aad: &'a [u8],
}

impl ContentEncryption {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "A128CBC-HS256" => Self::A128CbcHs256,
            "A128GCM" => Self::A128Gcm,
            "A256CBC-HS512" => Self::A256CbcHs512,
            "A256GCM" => Self::A256Gcm,
            _ => return None,
        })
    }

    /// The content, or none. The reason is withheld: it would help to break the encryption.
    pub(crate) fn open(self, key: &[u8], sealed: &Sealed<'_>) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::A128CbcHs256 => open_cbc::<Hmac<Sha256>, cbc::Decryptor<Aes128>>(key, 16, sealed),
            Self::A128Gcm => open_gcm::<Aes128Gcm>(key, sealed),
            Self::A256CbcHs512 => open_cbc::<Hmac<Sha512>, cbc::Decryptor<Aes256>>(key, 32, sealed),
            Self::A256Gcm => open_gcm::<Aes256Gcm>(key, sealed),
        }
    }
}

/// RFC 7518 section 5.2.2.2: the first half of the key checks the tag, before anything else is
/// done; the second half decrypts.
fn open_cbc<M, D>(key: &[u8], half: usize, sealed: &Sealed<'_>) -> Option<Zeroizing<Vec<u8>>>
where
    M: Mac + KeyInit,
    D: KeyIvInit + BlockModeDecrypt,
{
    if key.len() != 2 * half || sealed.tag.len() != half {
        return None;
    }
    let (mac_key, encryption_key) = key.split_at_checked(half)?;
    let aad_bits = u64::try_from(sealed.aad.len()).ok()?.checked_mul(8)?;
    <M as KeyInit>::new_from_slice(mac_key)
        .ok()?
        .chain_update(sealed.aad)
        .chain_update(sealed.iv)
        .chain_update(sealed.ciphertext)
        .chain_update(aad_bits.to_be_bytes())
        .verify_truncated_left(sealed.tag)
        .ok()?;
    D::new_from_slices(encryption_key, sealed.iv)
        .ok()?
        .decrypt_padded_vec::<Pkcs7>(sealed.ciphertext)
        .ok()
        .map(Zeroizing::new)
}

fn open_gcm<A>(key: &[u8], sealed: &Sealed<'_>) -> Option<Zeroizing<Vec<u8>>>
where
    A: KeyInit + Aead,
{
    if sealed.tag.len() != 16 {
        return None;
    }
    let nonce = sealed.iv.try_into().ok()?;
    let message = [sealed.ciphertext, sealed.tag].concat();
    <A as KeyInit>::new_from_slice(key)
        .ok()?
        .decrypt(nonce, Payload { msg: &message, aad: sealed.aad })
        .ok()
        .map(Zeroizing::new)
}
