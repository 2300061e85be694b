//! RS256 in pure Rust.

use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest as _, Sha256};

/// The ASN.1 that says "SHA-256" before the hash in a signature (RFC 8017 section 9.2, note 1).
const SHA_256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// A key parsed once, when the key set is read.
pub(crate) struct PublicKey(RsaPublicKey);

impl PublicKey {
    pub(crate) fn new(n: &[u8], e: &[u8]) -> Option<Self> {
        let (n, e) = (BigUint::from_bytes_be(n), BigUint::from_bytes_be(e));
        RsaPublicKey::new_with_max_size(n, e, 8192).ok().map(Self)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(SHA_256_PREFIX) };
        self.0.verify(scheme, &Sha256::digest(message), signature).is_ok()
    }
}
