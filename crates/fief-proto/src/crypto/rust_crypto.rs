//! RS256 in pure Rust, by the backend of `jsonwebtoken`.

use jsonwebtoken::{Algorithm, DecodingKey, crypto::rust_crypto::DEFAULT_PROVIDER};

pub(crate) struct PublicKey(DecodingKey);

impl PublicKey {
    /// None for more than 4096 bits: the backend would refuse each signature of such a key.
    pub(crate) fn new(n: &[u8], e: &[u8]) -> Option<Self> {
        (n.len() <= 512).then(|| Self(DecodingKey::from_rsa_raw_components(n, e)))
    }

    /// The provider is held explicitly; the crate's process-wide default is never asked.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        (DEFAULT_PROVIDER.verifier_factory)(&Algorithm::RS256, &self.0)
            .is_ok_and(|verifier| verifier.verify(message, &signature.to_vec()).is_ok())
    }
}
