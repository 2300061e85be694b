//! What an access token must allow.

use super::{access_token::AccessTokenInfo, acr::Acr};
use crate::error::token::AccessTokenError;

/// What a protected resource requires of an access token, besides that it is valid.
///
/// ```
/// use fief_proto::{Acr, Requirements};
///
/// let requirements =
///     Requirements::none().scope(["openid"]).acr(Acr::LevelOne).permission("castles:read");
/// # let _ = requirements;
///
/// const NOTHING_MORE: Requirements = Requirements::none();
/// ```
///
/// Lists add up: what was required before is still required.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use = "requirements do nothing until they are passed on"]
pub struct Requirements {
    scope: Vec<String>,
    acr: Option<Acr>,
    permissions: Vec<String>,
}

impl Requirements {
    /// Requires no more than a valid token.
    pub const fn none() -> Self {
        Self { scope: Vec::new(), acr: None, permissions: Vec::new() }
    }

    /// Each of these scopes must have been granted, too.
    pub fn scope(mut self, scope: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scope.extend(scope.into_iter().map(Into::into));
        self
    }

    /// The user must have authenticated at this level at least, and at any that was required
    /// before.
    pub fn acr(mut self, level: Acr) -> Self {
        self.acr = self.acr.max(Some(level));
        self
    }

    /// The user must have this permission, too, compared whole.
    pub fn permission(self, permission: impl Into<String>) -> Self {
        self.permissions([permission])
    }

    /// The user must have each of these permissions, too, compared whole.
    pub fn permissions(mut self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.permissions.extend(permissions.into_iter().map(Into::into));
        self
    }

    /// Whether a token that was found valid before meets these requirements. Its signature is not
    /// checked again: this is for a second set of requirements on one request.
    ///
    /// In the order of the official Python client: scope, level, permissions.
    ///
    /// # Errors
    ///
    /// [`AccessTokenError`] of the first requirement that is not met.
    pub fn check(&self, info: &AccessTokenInfo) -> Result<(), AccessTokenError> {
        if let Some(missing) = self.scope.iter().find(|scope| !info.scope.contains(scope)) {
            return Err(AccessTokenError::MissingScope(missing.clone()));
        }
        if let Some(required) = self.acr.filter(|required| info.acr < Some(*required)) {
            return Err(AccessTokenError::AcrTooLow { required, found: info.acr });
        }
        match self.permissions.iter().find(|wanted| !info.permissions.contains(wanted)) {
            Some(missing) => Err(AccessTokenError::MissingPermission(missing.clone())),
            None => Ok(()),
        }
    }
}
