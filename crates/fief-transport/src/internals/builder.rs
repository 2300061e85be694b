//! From a configuration to a client: what the builders of both drivers have in common.

/// Writes `FiefBuilder` except for `transport` and `build`, and the accessors of `Fief`. The driver
/// itself provides a type `Transport` and `Fief::state`.
#[macro_export]
#[doc(hidden)]
macro_rules! builder {
    () => {
        impl Fief {
            /// A client with the default transport options.
            ///
            /// # Errors
            ///
            /// [`Error::Config`](fief_proto::Error::Config) if the configuration can't be used.
            pub fn new(config: fief_proto::Config) -> Result<Self, fief_proto::Error> {
                Self::builder(config).build()
            }

            /// A client with transport options, a clock or a transport of your own.
            pub fn builder(config: fief_proto::Config) -> FiefBuilder {
                FiefBuilder {
                    config,
                    options: $crate::TransportOptions::default(),
                    transport: None,
                    clock: None,
                    provider: fief_proto::Provider::default(),
                    verified_tokens: 0,
                }
            }

            /// The core's client, to make flows for [`run`](Self::run).
            pub fn client(&self) -> &fief_proto::Client {
                &self.state().client
            }

            /// The time by this client's clock, by which it validates tokens.
            pub fn now(&self) -> fief_proto::UnixTime {
                self.state().now()
            }

            /// What is known of the provider at this moment.
            pub fn provider(&self) -> fief_proto::Provider {
                fief_proto::Provider::clone(&self.state().provider())
            }
        }

        impl std::fmt::Debug for Fief {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct("Fief").field("client", self.client()).finish_non_exhaustive()
            }
        }

        /// Makes a [`Fief`].
        ///
        /// ```
        /// use std::time::Duration;
        ///
        #[doc = concat!("use ", env!("CARGO_CRATE_NAME"), "::{Config, Fief, TransportOptions};")]
        ///
        /// let options = TransportOptions {
        ///     timeout: Some(Duration::from_secs(10)),
        ///     ..TransportOptions::default()
        /// };
        /// let fief = Fief::builder(Config::new("https://example.fief.dev", "CLIENT_ID"))
        ///     .transport_options(options)
        ///     .verified_token_cache(10_000)
        ///     .build()?;
        /// # let _ = fief;
        #[doc = concat!("# Ok::<(), ", env!("CARGO_CRATE_NAME"), "::Error>(())")]
        /// ```
        #[must_use = "a builder does nothing until it builds"]
        pub struct FiefBuilder {
            config: fief_proto::Config,
            options: $crate::TransportOptions,
            transport: Option<Transport>,
            clock: Option<$crate::internals::Clock>,
            provider: fief_proto::Provider,
            verified_tokens: usize,
        }

        impl FiefBuilder {
            /// How to connect: timeouts, trust, client certificate, proxy.
            pub fn transport_options(mut self, options: $crate::TransportOptions) -> Self {
                self.options = options;
                self
            }

            /// A clock of your own, for tests.
            pub fn clock(
                mut self,
                clock: impl Fn() -> fief_proto::UnixTime + Send + Sync + 'static,
            ) -> Self {
                self.clock = Some(Box::new(clock));
                self
            }

            /// What is already known of the provider, so that nothing has to be fetched at first.
            pub fn provider(mut self, provider: fief_proto::Provider) -> Self {
                self.provider = provider;
                self
            }

            /// Remembers up to so many verified access tokens, so that checking the same token
            /// again takes a twentieth of the time; off by default.
            ///
            /// The memory holds digests and claims, no tokens. A token is forgotten when it expires
            /// or when the keys change, and what a request asks of it is checked each time. See
            /// [`VerifiedTokens`](fief_proto::VerifiedTokens). One token takes some hundred bytes,
            /// and 8 KiB at most.
            pub fn verified_token_cache(mut self, capacity: usize) -> Self {
                self.verified_tokens = capacity;
                self
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
    };
}
