//! The async driver, on a runtime of its own.

use std::{io, sync::Arc};

use fief_hyper::Fief;
use fief_proto::{Provider, flow::Request};
use tokio::runtime::{Builder, Runtime};

use super::{Failure, Outcome, Runner, Stage, answer};
use crate::format::Transport;

/// The driver `fief-hyper`.
#[derive(Debug)]
pub struct Hyper {
    /// The client.
    pub fief: Fief,
    runtime: Runtime,
}

impl Runner for Hyper {
    const NAME: &'static str = "hyper";
    const HAS_SOCKETS: bool = true;

    fn start(stage: &Stage) -> Outcome<Self> {
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
        Self::of(builder.build()?).map_err(|error| Failure::runtime(&error))
    }

    fn provider(&self) -> Provider {
        self.fief.provider()
    }
}

impl Hyper {
    /// A client on a runtime of its own.
    ///
    /// # Errors
    /// When there is no runtime to be had.
    pub fn of(fief: Fief) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self { fief, runtime })
    }

    /// What the call gives, waited for.
    pub fn run<F: Future>(&self, call: F) -> F::Output {
        self.runtime.block_on(call)
    }
}
