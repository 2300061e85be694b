//! The memory of verified tokens, for many threads.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use fief_proto::{
    AccessTokenInfo, Client, HashedToken, Provider, Requirements, UnixTime, ValidateAccessToken,
    VerifiedTokens,
};

use crate::Error;

/// So many parts, each with a lock of its own, keep threads out of each other's way.
const PARTS: usize = 16;

/// [`VerifiedTokens`] behind locks that are held for the time of one look.
pub struct VerifiedTokenCache(Box<[Mutex<VerifiedTokens>]>);

impl VerifiedTokenCache {
    /// An empty cache for about so many tokens, up to 15 more.
    pub fn new(client: &Client, capacity: usize) -> Self {
        let parts = capacity.clamp(1, PARTS);
        let part = || Mutex::new(VerifiedTokens::new(client, capacity.div_ceil(parts)));
        Self(std::iter::repeat_with(part).take(parts).collect())
    }

    /// What a validation of this token would give, if it is known; see
    /// [`VerifiedTokens::validate`].
    pub fn validate(
        &self,
        token: &HashedToken<'_>,
        requirements: &Requirements,
        provider: &Provider,
        now: UnixTime,
    ) -> Option<Result<AccessTokenInfo, Error>> {
        let outcome = self.part(token)?.validate(token, requirements, provider, now)?;
        Some(outcome.map_err(|error| Error::Protocol(error.into())))
    }

    /// Keeps what the flow has found; see [`VerifiedTokens::keep`].
    pub fn keep(
        &self,
        token: &HashedToken<'_>,
        flow: &ValidateAccessToken<'_>,
        info: &AccessTokenInfo,
        now: UnixTime,
    ) {
        if let Some(mut part) = self.part(token) {
            part.keep(token, flow, info, now);
        }
    }

    /// Always one. Whoever panicked under its lock has left a memory that is whole: at the worst,
    /// a token is in it that no longer waits to be replaced.
    fn part(&self, token: &HashedToken<'_>) -> Option<MutexGuard<'_, VerifiedTokens>> {
        let part = self.0.get(usize::from(token.spread()) % self.0.len())?;
        Some(part.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for VerifiedTokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokenCache").field("parts", &self.0.len()).finish_non_exhaustive()
    }
}
