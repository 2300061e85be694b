//! Is this request signed in, and may it do this?

use super::{
    Flow, Input, Step,
    turn::{Turn, met},
};
use crate::{
    AccessTokenError, AccessTokenInfo, Client, Error, Provider, Requirements, UnixTime,
    token::{Source, Validity, Verdict, access_token, jws::Jws},
};

/// Validates an access token; see [`Client::validate_access_token`].
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct ValidateAccessToken<'a> {
    client: &'a Client,
    turn: Turn,
    token: &'a str,
    requirements: &'a Requirements,
    verification: Option<(Source, Validity)>,
}

impl<'a> ValidateAccessToken<'a> {
    pub(crate) fn new(client: &'a Client, token: &'a str, requirements: &'a Requirements) -> Self {
        Self { client, turn: Turn::default(), token, requirements, verification: None }
    }

    /// How this token was found good, if it was, and by this client.
    pub(crate) fn verification(&self, client: &Client, token: &str) -> Option<(Source, Validity)> {
        self.verification.filter(|_| self.client.is_same(client) && self.token == token)
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
        self.turn.take(provider, input)?;
        // Garbage is refused here, before anything is fetched for it.
        let settings = self.client.settings();
        let jws = Jws::parse(self.token, access_token::TYPES, settings)
            .map_err(AccessTokenError::from)?;
        let metadata = met!(self.turn.metadata(self.client, provider, now));
        let keys = met!(self.turn.keys(self.client, metadata, provider, now));
        match access_token::verify(jws, settings, &metadata.issuer, keys, now)? {
            Verdict::Verified((info, validity)) => {
                self.verification = Some((Source::new(metadata, keys), validity));
                self.requirements.check(&info)?;
                Ok(Step::Done(info))
            }
            Verdict::UnknownKey(fault) => {
                match self.turn.refetch_keys(self.client, metadata, provider, now)? {
                    Some(request) => Ok(Step::Send(request)),
                    None => Err(AccessTokenError::from(fault).into()),
                }
            }
        }
    }
}
