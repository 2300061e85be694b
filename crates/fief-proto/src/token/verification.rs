//! What a verification rests on, and for how long: what a cache of verified tokens must remember.

use std::time::Duration;

use crate::{TokenFault, UnixTime, jwk::KeySet, metadata::Metadata};

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
            return Err(TokenFault::Expired);
        }
        if self.not_before.is_some_and(|time| now < time - leeway) {
            return Err(TokenFault::NotYetValid);
        }
        if self.issued_at.is_some_and(|time| now < time - leeway) {
            return Err(TokenFault::IssuedInTheFuture);
        }
        Ok(())
    }

    pub(crate) fn expires_at(&self) -> UnixTime {
        UnixTime::from_claim(self.expiry)
    }
}

/// The issuer and the keys of a provider, as digests: equal if what they verify is the same.
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
