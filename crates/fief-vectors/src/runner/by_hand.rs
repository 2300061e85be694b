//! The core driven by hand: no sockets, no threads, the script answers.

use std::cell::RefCell;

use fief_proto::{
    AccessTokenInfo, Client, Error, Provider, Requirements, UnixTime, VerifiedTokens,
    flow::{Flow, drive},
};

use super::{Outcome, Runner, Stage, answer};

/// The core, driven by hand.
#[derive(Debug)]
pub struct ByHand {
    pub(super) client: Client,
    provider: RefCell<Provider>,
    verified: RefCell<VerifiedTokens>,
    stage: Stage,
}

impl Runner for ByHand {
    const NAME: &'static str = "by-hand";
    const HAS_SOCKETS: bool = false;

    fn start(stage: &Stage) -> Outcome<Self> {
        let client = stage.config.clone().build()?;
        let provider = RefCell::new(stage.provider.clone());
        let verified = RefCell::new(VerifiedTokens::new(&client, stage.verified_tokens));
        Ok(Self { client, provider, verified, stage: stage.clone() })
    }

    fn provider(&self) -> Provider {
        self.provider.borrow().clone()
    }
}

impl ByHand {
    pub(super) fn now(&self) -> UnixTime {
        self.stage.clock.now()
    }

    pub(super) fn drive<F: Flow>(&self, flow: F) -> Result<F::Output, Error> {
        let Stage { script, origin, .. } = &self.stage;
        let provider = &mut self.provider.borrow_mut();
        let send = |request| answer(script, origin, &request);
        drive(flow, &self.client, provider, || self.now(), send)
    }

    pub(super) fn validate(
        &self,
        token: &str,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, Error> {
        let mut verified = self.verified.borrow_mut();
        let known = verified.validate(token, requirements, &self.provider.borrow(), self.now());
        if let Some(outcome) = known {
            return outcome.map_err(Error::from);
        }
        let mut flow = self.client.validate_access_token(token, requirements);
        let info = self.drive(&mut flow)?;
        verified.keep(&flow, &info);
        Ok(info)
    }
}
