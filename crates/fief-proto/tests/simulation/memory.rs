//! The memory of verified tokens: it must answer what a validation would.

use fief_proto::{
    Client, Error, Provider, Requirements, UnixTime, VerifiedTokens,
    flow::{Flow as _, Input, Step},
};

use crate::server::Token;

pub struct Memory(VerifiedTokens);

impl Memory {
    pub fn new(client: &Client) -> Self {
        Self(VerifiedTokens::new(client, 2))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Asks for a token, and a flow for the same. Says whether it was known.
    pub fn recall(
        &mut self,
        client: &Client,
        provider: &Provider,
        token: &Token,
        requirements: &Requirements,
        now: UnixTime,
    ) -> bool {
        let known = self.0.validate(&token.string, requirements, provider, now);
        let is_known = known.is_some();
        let mut flow = client.validate_access_token(&token.string, requirements);
        match (known, flow.resume(provider, now, Input::Go)) {
            (None, Ok(Step::Done(info))) => self.0.keep(&flow, &info),
            (None, _) | (Some(Err(_)), Err(Error::AccessToken(_))) => {}
            (Some(Ok(known)), Ok(Step::Done(info))) => assert_eq!(known, info),
            (known, found) => panic!("remembered {known:?}, found {found:?}"),
        }
        is_known
    }
}
