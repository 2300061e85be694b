//! The setup of a vector, before its first call.

use std::sync::Arc;
use std::time::Duration;

use fief_proto::{ClientAuthentication, Config, Provider, UnixTime};
use fief_testkit::clock::Clock;
use fief_ureq::{Proxy, TransportOptions};
use serde_json::Value;
use url::Url;

use super::Outcome;
use crate::format::{self, Authentication, Transport, Vector};
use crate::run::Manner;
use crate::script::Script;

/// All that a runner needs to build its client.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The configuration.
    pub config: Config,
    /// What is known of the provider from the start.
    pub provider: Provider,
    /// How many verified tokens the client is to remember.
    pub verified_tokens: usize,
    /// Timeouts.
    pub options: TransportOptions,
    /// How requests travel.
    pub transport: Transport,
    /// The clock.
    pub clock: Clock,
    /// The script, for runners that answer requests from it directly.
    pub script: Arc<Script>,
    /// The scheme, host and port that every request must go to.
    pub origin: String,
}

impl Stage {
    /// The stage of a vector.
    /// # Errors
    ///
    /// If the documents that the client is to know from the start are refused.
    pub(crate) fn of(vector: &Vector, script: Arc<Script>, manner: &Manner<'_>) -> Outcome<Self> {
        let config = (manner.adjust)(config(&vector.config));
        let mut provider = Provider::default();
        if let Some(pinned) = &vector.provider {
            let made = config.clone().build().and_then(|client| {
                let bytes = |value: &Value| value.to_string().into_bytes();
                let at = UnixTime::from_secs(pinned.fetched_at);
                Provider::from_documents(
                    &client,
                    &bytes(&pinned.discovery),
                    &bytes(&pinned.keys),
                    at,
                )
            });
            provider = made?;
        }
        let clock = Clock::at(UnixTime::from_secs(vector.clock));
        let mut options = TransportOptions { proxy: Proxy::None, ..TransportOptions::default() };
        if let Some(milliseconds) = vector.config.timeout {
            options.timeout = Some(Duration::from_millis(milliseconds));
        }
        Ok(Self {
            config,
            provider,
            verified_tokens: manner.verified_tokens,
            options,
            transport: vector.transport,
            clock,
            script,
            origin: origin(&vector.config.base_url),
        })
    }
}

/// Scheme, host and port of a URL, without a port that is the default.
pub(super) fn origin(url: &str) -> String {
    Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

type Setter = fn(Config, &str) -> Config;
type Lasting = fn(Config, Duration) -> Config;

fn config(vector: &format::Config) -> Config {
    let mut config = Config::new(&vector.base_url, &vector.client_id);
    let texts: [(&Option<String>, Setter); 4] = [
        (&vector.client_secret, |config, text| config.client_secret(text)),
        (&vector.host, |config, text| config.host(text)),
        (&vector.public_url, |config, text| config.public_url(text)),
        (&vector.issuer, |config, text| config.issuer(text)),
    ];
    for (text, set) in texts {
        if let Some(text) = text {
            config = set(config, text);
        }
    }
    let durations: [(Option<u64>, Lasting); 4] = [
        (vector.leeway, Config::leeway),
        (vector.key_refetch_cooldown, Config::key_refetch_cooldown),
        (vector.keys_due_after, Config::keys_due_after),
        (vector.keys_expire_after, Config::keys_expire_after),
    ];
    for (seconds, set) in durations {
        if let Some(seconds) = seconds {
            config = set(config, Duration::from_secs(seconds));
        }
    }
    if let Some(key) = &vector.encryption_key {
        config = config.encryption_key(match key {
            Value::String(text) => text.clone(),
            key => key.to_string(),
        });
    }
    for client in &vector.accept_clients {
        config = config.accept_client(client);
    }
    if vector.dangerous_accept_any_audience {
        config = config.dangerous_accept_any_audience();
    }
    if vector.allow_insecure_http {
        config = config.allow_insecure_http();
    }
    match vector.client_authentication {
        None => config,
        Some(Authentication::Basic) => config.client_authentication(ClientAuthentication::Basic),
        Some(Authentication::Post) => config.client_authentication(ClientAuthentication::Post),
    }
}
