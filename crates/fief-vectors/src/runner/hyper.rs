//! The async driver, on a runtime of its own.

use std::sync::Arc;

use fief_hyper::Fief;
use fief_proto::flow::Request;
use tokio::runtime::{Builder, Runtime};

use super::{Failure, Outcome, Stage, answer};
use crate::format::Transport;

/// The driver `fief-hyper`.
#[derive(Debug)]
pub struct Hyper {
    pub(super) fief: Fief,
    runtime: Runtime,
}

impl Hyper {
    pub(super) fn new(stage: &Stage) -> Outcome<Self> {
        let mut builder = Fief::builder(stage.config.clone())
            .transport_options(stage.options.clone())
            .provider(stage.provider.clone())
            .verified_token_cache(stage.verified_tokens)
            .clock(stage.clock.reader());
        if stage.transport == Transport::Script {
            let (script, origin) = (Arc::clone(&stage.script), stage.origin.clone());
            builder = builder.transport(move |request: &Request| {
                let answer = answer(&script, &origin, request);
                async { answer }
            });
        }
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| Failure::runtime(&error))?;
        Ok(Self { fief: builder.build()?, runtime })
    }

    pub(super) fn block_on<F: Future>(&self, call: F) -> F::Output {
        self.runtime.block_on(call)
    }
}
