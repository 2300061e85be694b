//! The blocking driver.

use std::sync::Arc;

use fief_proto::flow::Request;
use fief_ureq::Fief;

use super::{Outcome, Stage, answer};
use crate::format::Transport;

/// The driver `fief-ureq`.
#[derive(Debug)]
pub struct Ureq {
    pub(super) fief: Fief,
}

impl Ureq {
    pub(super) fn new(stage: &Stage) -> Outcome<Self> {
        let clock = stage.clock.clone();
        let mut builder = Fief::builder(stage.config.clone())
            .transport_options(stage.options.clone())
            .provider(stage.provider.clone())
            .verified_token_cache(stage.verified_tokens)
            .clock(move || clock.now());
        if stage.transport == Transport::Script {
            let (script, origin) = (Arc::clone(&stage.script), stage.origin.clone());
            builder = builder.transport(move |request: &Request| answer(&script, &origin, request));
        }
        Ok(Self { fief: builder.build()? })
    }

    /// The outcome, which is already there. The async driver waits for its outcome here.
    #[expect(clippy::unused_self, reason = "called in the same way as that of the async driver")]
    pub(super) fn run<T>(&self, outcome: T) -> T {
        outcome
    }
}
