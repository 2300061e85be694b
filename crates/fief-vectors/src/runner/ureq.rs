//! The blocking driver.

use std::sync::Arc;

use fief_proto::{Provider, flow::Request};
use fief_ureq::Fief;

use super::{Outcome, Runner, Stage, answer};
use crate::format::Transport;

/// The driver `fief-ureq`.
#[derive(Debug)]
pub struct Ureq {
    /// The client.
    pub fief: Fief,
}

impl Runner for Ureq {
    const NAME: &'static str = "ureq";
    const HAS_SOCKETS: bool = true;

    fn start(stage: &Stage) -> Outcome<Self> {
        let mut builder = Fief::builder(stage.config.clone())
            .transport_options(stage.options.clone())
            .provider(stage.provider.clone())
            .verified_token_cache(stage.verified_tokens)
            .clock(stage.clock.reader());
        if stage.transport == Transport::Script {
            let (script, origin) = (Arc::clone(&stage.script), stage.origin.clone());
            builder = builder.transport(move |request: &Request| answer(&script, &origin, request));
        }
        Ok(Self { fief: builder.build()? })
    }

    fn provider(&self) -> Provider {
        self.fief.provider()
    }
}

impl Ureq {
    /// The outcome, which is there already: what the async driver waits for.
    #[expect(clippy::unused_self, reason = "called as the async driver's counterpart is")]
    pub(super) fn run<T>(&self, outcome: T) -> T {
        outcome
    }
}
