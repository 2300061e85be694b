//! The core driven by hand: no sockets, no threads, the script answers.

use std::cell::RefCell;

use fief_proto::{
    AccessTokenInfo, Client, Error, Provider, Requirements, UnixTime, VerifiedTokens,
    flow::{Flow, drive},
};

use super::{Outcome, Stage, answer};

/// The core, driven by hand.
#[derive(Debug)]
pub struct ByHand {
    pub(super) client: Client,
    provider: RefCell<Provider>,
    verified: RefCell<VerifiedTokens>,
    stage: Stage,
}

impl ByHand {
    pub(super) fn new(stage: &Stage) -> Outcome<Self> {
        let client = stage.config.clone().build()?;
        let provider = RefCell::new(stage.provider.clone());
        let verified = RefCell::new(VerifiedTokens::new(&client, stage.verified_tokens));
        Ok(Self { client, provider, verified, stage: stage.clone() })
    }

    pub(super) fn known(&self) -> Provider {
        self.provider.borrow().clone()
    }

    pub(super) fn now(&self) -> UnixTime {
        self.stage.clock.now()
    }

    pub(super) fn drive<F: Flow>(&self, flow: F) -> Outcome<F::Output> {
        let Stage { script, origin, .. } = &self.stage;
        let provider = &mut self.provider.borrow_mut();
        let send = |request| answer(script, origin, &request);
        Ok(drive(flow, &self.client, provider, || self.now(), send)?)
    }

    pub(super) fn validate(
        &self,
        token: &str,
        requirements: &Requirements,
    ) -> Outcome<AccessTokenInfo> {
        let mut verified = self.verified.borrow_mut();
        let known = verified.validate(token, requirements, &self.provider.borrow(), self.now());
        if let Some(outcome) = known {
            return Ok(outcome.map_err(Error::from)?);
        }
        let mut flow = self.client.validate_access_token(token, requirements);
        let info = self.drive(&mut flow)?;
        verified.keep(&flow, &info);
        Ok(info)
    }
}
