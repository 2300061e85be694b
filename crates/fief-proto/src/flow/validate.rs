//! Validation of access tokens, and of stored ID tokens.

use std::ptr;

use super::{
    contract::{Flow, Input, Step},
    turn::{Pause, Turn, WhenDue, step},
};
use crate::{
    base::{secret::TokenRef, time::UnixTime},
    claims::{
        access_token::{self, AccessTokenInfo},
        id_token::{Expected, IdToken, IdTokenChecks},
        requirements::Requirements,
        user_info::UserInfo,
        validity::{Source, Validity},
    },
    config::settings::Settings,
    error::{
        Error,
        token::{AccessTokenError, IdTokenError},
        token_fault::TokenFault,
    },
    jose::{LONGEST_ACCESS_TOKEN, jws::Jws},
    provider::Provider,
};

/// Validates an access token; see
/// [`Client::validate_access_token`](crate::Client::validate_access_token).
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct ValidateAccessToken<'a> {
    settings: &'a Settings,
    turn: Turn,
    token: TokenRef<'a>,
    requirements: &'a Requirements,
    jws: Option<Jws>,
    verification: Option<(Source, Validity)>,
}

impl<'a> ValidateAccessToken<'a> {
    pub(crate) fn new(
        settings: &'a Settings,
        token: TokenRef<'a>,
        requirements: &'a Requirements,
    ) -> Self {
        Self { settings, turn: Turn::default(), token, requirements, jws: None, verification: None }
    }

    /// How this token was found valid, if it was, and by a client of these settings.
    pub(crate) fn verification(
        &self,
        settings: &Settings,
        token: &str,
    ) -> Option<(Source, Validity)> {
        let is_ours = ptr::eq(self.settings, settings) && self.token.expose() == token;
        self.verification.filter(|_| is_ours)
    }

    fn run(&mut self, provider: &Provider, now: UnixTime) -> Result<AccessTokenInfo, Pause> {
        let (settings, token) = (self.settings, self.token.expose());
        let refused = AccessTokenError::from;
        // Garbage is refused here, before anything is fetched for it.
        let jws = match self.jws.take() {
            Some(jws) => jws,
            None => Jws::parse(token, LONGEST_ACCESS_TOKEN, access_token::TYPES, settings)
                .map_err(refused)?,
        };
        let jws = self.jws.insert(jws);
        let metadata = self.turn.metadata(self.settings, provider, now)?;
        let keys = self.turn.keys(self.settings, metadata, provider, now, WhenDue::Refresh)?;
        let payload = match jws.verify(token, keys) {
            Err(TokenFault::UnknownKey) => {
                let unknown = refused(TokenFault::UnknownKey).into();
                return Err(self.turn.refetch_keys(
                    self.settings,
                    metadata,
                    provider,
                    now,
                    unknown,
                ));
            }
            verified => verified.map_err(refused)?,
        };
        let (info, validity) = access_token::check(payload, token, settings, &metadata.issuer, now)
            .map_err(refused)?;
        self.verification = Some((Source::new(metadata, keys), validity));
        self.requirements.check(&info)?;
        Ok(info)
    }
}

impl Flow for ValidateAccessToken<'_> {
    type Output = AccessTokenInfo;

    /// The hot path: with a fresh provider the first call is the last.
    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<AccessTokenInfo>, Error> {
        self.turn.accept(provider, input)?;
        step(self.run(provider, now))
    }
}

/// Checks a stored ID token; see [`Client::validate_id_token`](crate::Client::validate_id_token).
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct ValidateIdToken<'a> {
    settings: &'a Settings,
    turn: Turn,
    token: TokenRef<'a>,
    checks: &'a IdTokenChecks,
    id_token: Option<IdToken>,
}

impl<'a> ValidateIdToken<'a> {
    pub(crate) fn new(
        settings: &'a Settings,
        token: TokenRef<'a>,
        checks: &'a IdTokenChecks,
    ) -> Self {
        Self { settings, turn: Turn::default(), token, checks, id_token: None }
    }

    fn run(&mut self, provider: &Provider, now: UnixTime) -> Result<UserInfo, Pause> {
        let (settings, token) = (self.settings, self.token.expose());
        let refused = IdTokenError::from;
        let id_token = match self.id_token.take() {
            Some(id_token) => id_token,
            None => IdToken::read(token, settings).map_err(refused)?,
        };
        let id_token = self.id_token.insert(id_token);
        let metadata = self.turn.metadata(self.settings, provider, now)?;
        let keys = self.turn.keys(self.settings, metadata, provider, now, WhenDue::Refresh)?;
        let expected = Expected { issuer: &metadata.issuer, ..self.checks.expected() };
        match id_token.verify(token, settings, keys, now, &expected) {
            Err(TokenFault::UnknownKey) => {
                let unknown = refused(TokenFault::UnknownKey).into();
                Err(self.turn.refetch_keys(self.settings, metadata, provider, now, unknown))
            }
            checked => Ok(checked.map_err(refused)?),
        }
    }
}

impl Flow for ValidateIdToken<'_> {
    type Output = UserInfo;

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<UserInfo>, Error> {
        self.turn.accept(provider, input)?;
        step(self.run(provider, now))
    }
}
