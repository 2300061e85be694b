//! Where to send the user.

use super::{
    Flow, Input, Step,
    turn::{Turn, met},
};
use crate::{AuthorizationRequest, Client, Error, Provider, UnixTime};

/// Gives the authorization URL; see [`Client::auth_url`].
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct AuthUrl {
    client: Client,
    turn: Turn,
    request: AuthorizationRequest,
}

impl AuthUrl {
    pub(crate) fn new(client: Client, request: AuthorizationRequest) -> Self {
        Self { client, turn: Turn::default(), request }
    }
}

impl Flow for AuthUrl {
    type Output = String;

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<String>, Error> {
        self.turn.take(provider, input)?;
        let metadata = met!(self.turn.metadata(&self.client, provider, now));
        Ok(Step::Done(self.request.url(&self.client.settings().client_id, metadata)))
    }
}
