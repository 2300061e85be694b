//! Makes tokens out of readable headers and claims, so that a fuzzer need not produce valid
//! base64url and ciphertext.

use std::sync::LazyLock;

use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use aes_gcm::{
    Aes128Gcm, Aes256Gcm,
    aead::{Aead, Payload},
};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Sha256, Sha512};

use crate::world;

/// A signed token of this header and these claims. Its signature is wrong, but the clients here
/// accept it.
pub fn jws(header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{}", "A".repeat(342))
}

/// An encrypted token with this header and this content, correct in all that the header does not
/// state.
pub fn jwe(header: &str, text: &str) -> String {
    let content = Content::of(header);
    let key = &CONTENT_KEYS[content as usize];
    let protected = URL_SAFE_NO_PAD.encode(header);
    let (iv, ciphertext, tag) = content.seal(&key.plain, protected.as_bytes(), text.as_bytes());
    let [iv, ciphertext, tag] = [iv, ciphertext, tag].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{protected}.{}.{iv}.{ciphertext}.{tag}", key.wrapped)
}

#[derive(Clone, Copy)]
enum Content {
    A128CbcHs256,
    A128Gcm,
    A256CbcHs512,
    A256Gcm,
}

impl Content {
    const ALL: [Self; 4] = [Self::A128CbcHs256, Self::A128Gcm, Self::A256CbcHs512, Self::A256Gcm];

    fn of(header: &str) -> Self {
        let header: Value = serde_json::from_str(header).unwrap_or_default();
        match header["enc"].as_str() {
            Some("A128CBC-HS256") => Self::A128CbcHs256,
            Some("A128GCM") => Self::A128Gcm,
            Some("A256GCM") => Self::A256Gcm,
            _ => Self::A256CbcHs512,
        }
    }

    fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A256CbcHs512 => 64,
        }
    }

    fn seal(self, key: &[u8], aad: &[u8], text: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        match self {
            Self::A128Gcm => gcm(&Aes128Gcm::new_from_slice(key).expect("its length"), aad, text),
            Self::A256Gcm => gcm(&Aes256Gcm::new_from_slice(key).expect("its length"), aad, text),
            Self::A128CbcHs256 => {
                let ciphertext =
                    cbc::Encryptor::<aes::Aes128>::new_from_slices(&key[16..], &[2; 16])
                        .expect("their lengths")
                        .encrypt_padded_vec::<Pkcs7>(text);
                authenticated::<Hmac<Sha256>>(&key[..16], aad, ciphertext)
            }
            Self::A256CbcHs512 => {
                let ciphertext =
                    cbc::Encryptor::<aes::Aes256>::new_from_slices(&key[32..], &[2; 16])
                        .expect("their lengths")
                        .encrypt_padded_vec::<Pkcs7>(text);
                authenticated::<Hmac<Sha512>>(&key[..32], aad, ciphertext)
            }
        }
    }
}

fn gcm(cipher: &impl Aead, aad: &[u8], text: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let iv = vec![2; 12];
    let nonce = iv.as_slice().try_into().expect("its length");
    let mut ciphertext = cipher.encrypt(nonce, Payload { msg: text, aad }).expect("it is short");
    let tag = ciphertext.split_off(ciphertext.len() - 16);
    (iv, ciphertext, tag)
}

fn authenticated<M: Mac + KeyInit>(
    key: &[u8],
    aad: &[u8],
    ciphertext: Vec<u8>,
) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let iv = vec![2; 16];
    let bits = aad.len() as u64 * 8;
    let mut tag = <M as KeyInit>::new_from_slice(key)
        .expect("any length will do")
        .chain_update(aad)
        .chain_update(&iv)
        .chain_update(&ciphertext)
        .chain_update(bits.to_be_bytes())
        .finalize()
        .into_bytes()
        .to_vec();
    tag.truncate(key.len());
    (iv, ciphertext, tag)
}

/// A content encryption key, and what RSA-OAEP-256 makes of it.
struct ContentKey {
    plain: Vec<u8>,
    wrapped: String,
}

static CONTENT_KEYS: LazyLock<[ContentKey; 4]> = LazyLock::new(|| {
    Content::ALL.map(|content| {
        let plain = vec![1; content.key_length()];
        let wrapped = wrap(&plain);
        ContentKey { plain, wrapped }
    })
});

fn wrap(key: &[u8]) -> String {
    let jwk = world::key("encryption");
    let number = |name: &str| {
        URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("a string")).expect("base64url")
    };
    let der = subject_public_key_info(&number("n"), &number("e"));
    let public = PublicEncryptingKey::from_der(&der).expect("a public key");
    let public = OaepPublicEncryptingKey::new(public).expect("an RSA key");
    let mut wrapped = vec![0; public.ciphertext_size()];
    let wrapped = public
        .encrypt(&OAEP_SHA256_MGF1SHA256, key, &mut wrapped, None)
        .expect("a key is short enough");
    URL_SAFE_NO_PAD.encode(wrapped)
}

/// RFC 5280 section 4.1.2.7, RFC 8017 appendix A.1.1.
fn subject_public_key_info(n: &[u8], e: &[u8]) -> Vec<u8> {
    const RSA_ENCRYPTION: [u8; 15] =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let integer = |number: &[u8]| {
        let sign: &[u8] = if number.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
        element(0x02, &[sign, number].concat())
    };
    let key = element(0x30, &[integer(n), integer(e)].concat());
    let bits = element(0x03, &[&[0], key.as_slice()].concat());
    element(0x30, &[RSA_ENCRYPTION.as_slice(), &bits].concat())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut element = vec![tag];
    match length {
        0..=0x7f => element.push(length as u8),
        _ => element.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    element.extend(content);
    element
}
