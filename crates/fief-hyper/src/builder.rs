//! From a configuration to a client.

use std::{error::Error as StdError, sync::Arc};

use arc_swap::ArcSwap;
use fief_proto::{
    Config, Provider, UnixTime, VerifiedTokens,
    flow::{Request, Response},
};
use fief_transport::{Error, TransportError, TransportOptions, host_of, system_clock};
use tokio::sync::Mutex;

use crate::{
    Fief,
    fief::{Answer, Clock, Inner, Transport},
    http::Http,
};

/// Makes a [`Fief`].
#[must_use = "a builder does nothing until it builds"]
pub struct FiefBuilder {
    config: Config,
    options: TransportOptions,
    transport: Option<Transport>,
    clock: Option<Clock>,
    provider: Provider,
    verified_tokens: usize,
}

impl FiefBuilder {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            options: TransportOptions::default(),
            transport: None,
            clock: None,
            provider: Provider::default(),
            verified_tokens: 0,
        }
    }

    /// How to connect: timeouts, trust, client certificate, proxy.
    pub fn transport_options(mut self, options: TransportOptions) -> Self {
        self.options = options;
        self
    }

    /// A transport of your own, in place of the built-in one and all of its options.
    ///
    /// It sends the request once, as it is, follows no redirect, and gives the answer whatever its
    /// status, with the body decompressed and read no further than one byte past
    /// [`Request::body_limit`]. It has to end in its own time: nobody else stops it. A tokio
    /// runtime is needed all the same, for the task of a shared fetch.
    pub fn transport<F, A, E>(mut self, transport: F) -> Self
    where
        F: Fn(&Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.transport = Some(Box::new(move |request| {
            let answer = transport(&request);
            let host = host_of(request.http().uri()).to_owned();
            Box::pin(
                async move { answer.await.map_err(|error| TransportError::foreign(error, &host)) },
            )
        }));
        self
    }

    /// A clock of your own, for tests.
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// What is already known of the provider, so that nothing is fetched at the start.
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// Remembers so many access tokens that were verified, so that the same token is checked a
    /// second time in a twentieth of the time; off by default.
    ///
    /// The memory holds digests and claims, no tokens. A token is forgotten when it expires or when
    /// the keys change, and what a request asks of it is checked each time. See
    /// [`VerifiedTokens`](fief_proto::VerifiedTokens). One token takes some hundred bytes, and 8 KiB
    /// at most.
    pub fn verified_token_cache(mut self, capacity: usize) -> Self {
        self.verified_tokens = capacity;
        self
    }

    /// Checks the configuration and makes the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the configuration or the transport options can't be used.
    pub fn build(self) -> Result<Fief, Error> {
        let client = self.config.build()?;
        let (transport, timeout) = match self.transport {
            Some(transport) => (transport, None),
            None => {
                let http = Arc::new(Http::new(&self.options, true)?);
                let transport: Transport = Box::new(move |request| -> Answer {
                    let http = Arc::clone(&http);
                    Box::pin(async move { http.send(request.http(), request.body_limit()).await })
                });
                (transport, self.options.timeout)
            }
        };
        let verified_tokens = (self.verified_tokens > 0)
            .then(|| std::sync::Mutex::new(VerifiedTokens::new(&client, self.verified_tokens)));
        Ok(Fief::from_inner(Inner {
            client,
            transport,
            clock: self.clock.unwrap_or_else(|| Box::new(system_clock)),
            provider: ArcSwap::from_pointee(self.provider),
            verified_tokens,
            flight: Arc::new(Mutex::new(())),
            timeout,
        }))
    }
}

impl std::fmt::Debug for FiefBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FiefBuilder")
            .field("config", &self.config)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
