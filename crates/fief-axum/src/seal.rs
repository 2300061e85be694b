//! Names and keys that are derived from the random value of a cookie, and from nothing else.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fief_hyper::{EntropyError, Error};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The length of an AES-GCM nonce, in bytes.
pub(crate) const NONCE: usize = 12;

/// The value of a cookie: 256 random bits. All secrets of a browser are derived from it.
#[derive(Clone)]
pub(crate) struct CookieSecret(Zeroizing<[u8; 32]>);

impl CookieSecret {
    pub fn random() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Reads the value of a cookie; none if it does not have the form that this program writes.
    pub fn parse(cookie: &[u8]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(cookie, bytes.as_mut_slice()).ok()?;
        (length == 32).then_some(Self(bytes))
    }

    /// The value for the cookie.
    pub fn encode(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// Bytes for one purpose (HKDF-SHA-256). Neither the bytes for another purpose nor the value
    /// itself can be computed from them.
    pub fn derive<const N: usize>(&self, purpose: &str, of: &[u8]) -> Zeroizing<[u8; N]> {
        const { assert!(N <= 8160, "HKDF-SHA-256 gives no more") };
        let mut derived = Zeroizing::new([0; N]);
        let info = [b"fief-axum ", purpose.as_bytes(), b" ", of];
        // It can fail only for more bytes than that.
        let _ = Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand_multi_info(&info, derived.as_mut_slice());
        derived
    }

    /// A name for one purpose, for a store.
    pub fn name(&self, purpose: &str, of: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.derive::<32>(purpose, of).as_slice())
    }

    /// Encrypts (AES-256-GCM); `bound` must be the same when it is opened. The nonce comes first.
    pub fn seal(&self, purpose: &str, bound: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sealed = vec![0; NONCE];
        fill(&mut sealed)?;
        let nonce: [u8; NONCE] = sealed.first_chunk().copied().unwrap_or_default();
        let payload = Payload { msg: plaintext, aad: bound };
        // It can fail only for more than 64 GiB.
        let encrypted = self.cipher(purpose).encrypt(&nonce.into(), payload).unwrap_or_default();
        sealed.extend(encrypted);
        Ok(sealed)
    }

    /// Decrypts; none if it was not sealed with this cookie, for this purpose, and with the same
    /// `bound`.
    pub fn open(&self, purpose: &str, bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, encrypted) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: encrypted, aad: bound };
        let plaintext = self.cipher(purpose).decrypt(&(*nonce).into(), payload).ok()?;
        Some(Zeroizing::new(plaintext))
    }

    fn cipher(&self, purpose: &str) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.derive::<32>(purpose, b"key")).into())
    }
}

/// A name that is unique among all tasks of all processes.
pub(crate) fn random_name() -> Result<String, Error> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| EntropyError::new(std::io::Error::from(error)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_opens_with_its_own_cookie_for_its_own_purpose_only() {
        let (one, two) = (CookieSecret::random().unwrap(), CookieSecret::random().unwrap());
        let sealed = one.seal("session", b"bound", b"text").unwrap();
        let same = CookieSecret::parse(one.encode().as_bytes()).unwrap();
        assert_eq!(same.open("session", b"bound", &sealed).unwrap().as_slice(), b"text");
        assert!(one.open("session", b"other", &sealed).is_none());
        assert!(one.open("state", b"bound", &sealed).is_none());
        assert!(two.open("session", b"bound", &sealed).is_none());
        for cut in 0..sealed.len() {
            assert!(one.open("session", b"bound", &sealed[..cut]).is_none());
        }
        assert_ne!(one.name("session", b""), one.name("lease", b""));
        assert_ne!(one.seal("session", b"bound", b"text").unwrap(), sealed);
    }

    #[test]
    fn only_what_was_written_is_read() {
        let good = CookieSecret::random().unwrap().encode();
        let good = good.as_bytes();
        for bad in [&b""[..], b"x", &good[1..], &[good, b"A"].concat(), &[b'\xff'; 43], &[b'='; 43]]
        {
            assert!(CookieSecret::parse(bad).is_none(), "{bad:?}");
        }
    }
}
