//! The time in which a token is valid, and the issuer and keys that it was verified with.

use std::time::Duration;

use crate::{
    base::time::UnixTime, error::token_fault::TokenFault, jose::jwk::KeySet,
    provider::metadata::Metadata,
};

/// The claims that bound a token in time (RFC 7519 section 4.1), in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validity {
    pub expiry: f64,
    pub not_before: Option<f64>,
    pub issued_at: Option<f64>,
}

impl Validity {
    pub(crate) fn check(&self, leeway: Duration, now: UnixTime) -> Result<(), TokenFault> {
        let (now, leeway) = (now.as_f64(), leeway.as_secs_f64());
        if now >= self.expiry + leeway {
            return Err(TokenFault::Expired { by: seconds(now - self.expiry) });
        }
        if let Some(time) = self.not_before.filter(|time| now < time - leeway) {
            return Err(TokenFault::NotYetValid { by: seconds(time - now) });
        }
        if let Some(time) = self.issued_at.filter(|time| now < time - leeway) {
            return Err(TokenFault::IssuedInTheFuture { by: seconds(time - now) });
        }
        Ok(())
    }

    pub(crate) fn expires_at(&self) -> UnixTime {
        UnixTime::from_claim(self.expiry)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive, and a cast from f64 saturates"
)]
fn seconds(span: f64) -> u64 {
    span as u64
}

/// Digests of the issuer and the keys of a provider. Equal ones verify the same tokens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Source {
    issuer: [u8; 32],
    keys: [u8; 32],
}

impl Source {
    pub(crate) fn new(metadata: &Metadata, keys: &KeySet) -> Self {
        Self { issuer: metadata.fingerprint, keys: keys.fingerprint() }
    }
}
