//! The configuration of a client.

pub(crate) mod base_url;
pub(crate) mod settings;

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;
use sha2::{Digest as _, Sha256};
use url::Url;

use self::{
    base_url::{BaseUrl, without_credentials},
    settings::{Authentication, ProviderId, Settings},
};
use crate::{
    base::{ascii::is_visible_ascii, secret::Secret},
    error::local::ConfigError,
    jose::{base64url::Base64Url, crypto::Backend, jwk},
};

/// How a confidential client sends its secret to the token endpoint (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// In the `Authorization` header. ID and secret are sent as they are, without the
    /// percent-encoding of the RFC, because Fief does not decode it.
    Basic,
    /// In the form, as the official clients do.
    #[default]
    Post,
}

/// What a client needs to know: where Fief is, which client this is, and how strict to be.
///
/// The defaults are the safe ones; an option that gives safety away says so in its name.
///
/// ```
/// use fief_proto::Config;
///
/// let client = Config::new("https://example.fief.dev", "CLIENT_ID")
///     .client_secret("CLIENT_SECRET")
///     .build()?;
/// # Ok::<(), fief_proto::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a configuration does nothing until it is built"]
pub struct Config {
    base_url: String,
    client_id: String,
    client_secret: Option<Secret>,
    client_authentication: ClientAuthentication,
    encryption_key: Option<Secret>,
    host: Option<String>,
    public_url: Option<String>,
    issuer: Option<String>,
    accepted_clients: Vec<String>,
    any_audience: bool,
    insecure_http: bool,
    leeway: Duration,
    key_refetch_cooldown: Duration,
    keys_due_after: Duration,
    keys_expire_after: Duration,
    backend: Option<Backend>,
}

impl Config {
    /// A public client of the Fief server, or of one tenant of it, at this base URL.
    ///
    /// `base_url` may carry the path of a tenant (`https://example.fief.dev/tenant`), with or
    /// without a slash at its end.
    pub fn new(base_url: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            client_id: client_id.into(),
            client_secret: None,
            client_authentication: ClientAuthentication::default(),
            encryption_key: None,
            host: None,
            public_url: None,
            issuer: None,
            accepted_clients: Vec::new(),
            any_audience: false,
            insecure_http: false,
            leeway: Duration::from_secs(60),
            key_refetch_cooldown: Duration::from_secs(1),
            keys_due_after: Duration::from_secs(10 * 60),
            keys_expire_after: Duration::from_secs(24 * 60 * 60),
            backend: None,
        }
    }

    /// The secret of a confidential client.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// How the secret is sent; in the form by default.
    pub fn client_authentication(mut self, how: ClientAuthentication) -> Self {
        self.client_authentication = how;
        self
    }

    /// The client's private encryption key, as the JSON (JWK, RFC 7517) that Fief hands out.
    ///
    /// With it, ID tokens must come encrypted; without it, they must not.
    pub fn encryption_key(mut self, jwk: impl Into<Secret>) -> Self {
        self.encryption_key = Some(jwk.into());
        self
    }

    /// The `Host` header to send, `name` or `name:port`, for a container that reaches Fief under an
    /// internal name.
    ///
    /// TLS still checks the certificate against the base URL. The logout URL is built with this
    /// host, where no [`public_url`](Self::public_url) is given.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The base URL that browsers see, where it is not the one this program uses.
    ///
    /// The authorization and logout URLs are built from it, and an issuer on it is the right one.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The issuer that tokens must name, where it does not follow from the base URL.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Accepts access tokens that were made for this client of yours, too, in `aud` and `azp`, and
    /// ID tokens of this client that name it as a further audience.
    ///
    /// An API and its command-line tool, for example, are two clients.
    pub fn accept_client(mut self, client_id: impl Into<String>) -> Self {
        self.accepted_clients.push(client_id.into());
        self
    }

    /// Accepts access tokens made for any client of the tenant, those of other people included.
    ///
    /// The operator of any such client can then call your API in the name of its users. Name the
    /// clients with [`accept_client`](Self::accept_client) instead.
    pub fn dangerous_accept_any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// Allows plain `http` to hosts that are not this machine: everyone on the network path can
    /// read the tokens.
    ///
    /// For a network that is secured by other means. An `https` issuer is then accepted from an
    /// `http` base URL, as Fief always announces one.
    pub fn allow_insecure_http(mut self) -> Self {
        self.insecure_http = true;
        self
    }

    /// How far clocks may disagree when `exp`, `nbf`, `iat` and ages are checked, at most an hour;
    /// 60 seconds by default.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// How long after a fetch of the keys the next one may start because an access token names a
    /// key that is not among them; 1 second by default. Time is counted in whole seconds.
    ///
    /// Any client can send such tokens; the cooldown keeps them from causing a fetch each. While an
    /// attacker sends them, a rotation of keys can stay unnoticed for this long.
    pub fn key_refetch_cooldown(mut self, cooldown: Duration) -> Self {
        self.key_refetch_cooldown = cooldown;
        self
    }

    /// When keys are due for a refresh; after 10 minutes by default. They are fetched in the
    /// background, and calls go on with the keys at hand.
    pub fn keys_due_after(mut self, age: Duration) -> Self {
        self.keys_due_after = age;
        self
    }

    /// When keys that could not be refreshed are no longer used; after 24 hours by default.
    pub fn keys_expire_after(mut self, age: Duration) -> Self {
        self.keys_expire_after = age;
        self
    }

    /// Which cryptography to use; `aws-lc-rs` where it is compiled in, else `rust-crypto`.
    pub fn crypto_backend(mut self, backend: Backend) -> Self {
        self.backend = Some(backend);
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("base_url", &without_credentials(&self.base_url))
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("encryption_key", &self.encryption_key)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// What the flows read of this, checked.
    pub(crate) fn settings(self) -> Result<Settings, ConfigError> {
        let config = self;
        let backend = Backend::available(config.backend)?;
        let base = secure_base("base_url", &config.base_url, config.insecure_http)?;
        let public = config
            .public_url
            .as_deref()
            .map(|url| secure_base("public_url", url, config.insecure_http))
            .transpose()?;
        if !is_visible_ascii(&config.client_id) {
            return Err(ConfigError::new(
                "client_id",
                "the client ID is empty or not visible ASCII",
            ));
        }
        if config.leeway > GREATEST_LEEWAY {
            return Err(ConfigError::new(
                "duration",
                "the option `leeway` is more than an hour; set the clocks instead",
            ));
        }
        if config.keys_due_after > config.keys_expire_after {
            return Err(ConfigError::new(
                "duration",
                "keys would expire before they are due; make `keys_due_after` the shorter one",
            ));
        }
        if config.issuer.as_deref().is_some_and(|issuer| Url::parse(issuer).is_err()) {
            return Err(ConfigError::new("issuer", "the issuer is not an absolute URL"));
        }
        if config.accepted_clients.iter().any(|client| !is_visible_ascii(client)) {
            return Err(ConfigError::new(
                "client_id",
                "an accepted client's ID is empty or not visible ASCII",
            ));
        }
        let host = config.host.as_deref().map(|host| host_override(&base, host)).transpose()?;
        let (host_header, host) = match host {
            Some((header, host)) => (Some(header), Some(host)),
            None => (None, None),
        };
        let decryption_key = config
            .encryption_key
            .as_ref()
            .map(|key| jwk::private_key(key.expose(), backend))
            .transpose()?;
        Ok(Settings {
            authentication: authentication(&config)?,
            provider_id: provider_id(&config, &base, backend),
            base,
            client_id: config.client_id,
            decryption_key,
            host_header,
            host,
            public,
            issuer: config.issuer,
            accepted_clients: config.accepted_clients,
            any_audience: config.any_audience,
            insecure_http: config.insecure_http,
            leeway: config.leeway,
            key_refetch_cooldown: config.key_refetch_cooldown,
            keys_due_after: config.keys_due_after,
            keys_expire_after: config.keys_expire_after,
            backend,
            base64url: Base64Url::new(),
        })
    }
}

fn authentication(config: &Config) -> Result<Authentication, ConfigError> {
    let Some(secret) = &config.client_secret else {
        return match config.client_authentication {
            ClientAuthentication::Post => Ok(Authentication::Public),
            ClientAuthentication::Basic => Err(ConfigError::new(
                "basic_credentials",
                "HTTP basic authentication needs a client secret",
            )),
        };
    };
    if secret.expose().is_empty() {
        return Err(ConfigError::new(
            "client_secret",
            "the client secret is empty; leave it out for a public client",
        ));
    }
    match config.client_authentication {
        ClientAuthentication::Post => Ok(Authentication::Post(secret.clone())),
        ClientAuthentication::Basic => {
            if config.client_id.contains(':') || !secret.expose().is_ascii() {
                return Err(ConfigError::new(
                    "basic_credentials",
                    "HTTP basic authentication needs an ID without colon and a secret of ASCII; send \
                     the secret in the form instead",
                ));
            }
            let credentials = Secret::from(format!("{}:{}", config.client_id, secret.expose()));
            let credentials = Secret::from(STANDARD.encode(credentials.expose()));
            let mut header = HeaderValue::try_from(format!("Basic {}", credentials.expose()))
                .map_err(|_| ConfigError::new("basic_credentials", "no header can hold them"))?;
            header.set_sensitive(true);
            Ok(Authentication::Basic(header))
        }
    }
}

/// The greatest leeway: a token must not live on for hours because two clocks disagree.
const GREATEST_LEEWAY: Duration = Duration::from_secs(60 * 60);

fn secure_base(option: &'static str, url: &str, insecure: bool) -> Result<BaseUrl, ConfigError> {
    let base = BaseUrl::parse(url)
        .map_err(|why| ConfigError::new(option, format!("the option `{option}` {why}")))?;
    if base.url().scheme() == "https" || base.is_loopback() || insecure {
        return Ok(base);
    }
    let option = if option == "base_url" { "insecure_base_url" } else { option };
    Err(ConfigError::new(
        option,
        "plain http is accepted for this machine only (localhost, 127.0.0.1, [::1]); use https, \
         or `allow_insecure_http` on a network that is secured by other means",
    ))
}

fn host_override(base: &BaseUrl, host: &str) -> Result<(HeaderValue, BaseUrl), ConfigError> {
    let refused = || ConfigError::new("host", "the option `host` is not `name` or `name:port`");
    if !is_visible_ascii(host) || host.contains(['/', '?', '#', '@', '\\']) {
        return Err(refused());
    }
    let url = format!("{}://{host}{}", base.url().scheme(), base.url().path());
    let base = BaseUrl::parse(&url).map_err(|_| refused())?;
    Ok((HeaderValue::from_str(host).map_err(|_| refused())?, base))
}

fn provider_id(config: &Config, base: &BaseUrl, backend: Backend) -> ProviderId {
    // A key is parsed for one backend, and can't be used by another.
    let backend = format!("{backend:?}");
    let parts = [
        Some(base.as_str()),
        config.host.as_deref(),
        config.public_url.as_deref(),
        config.issuer.as_deref(),
        config.insecure_http.then_some("insecure"),
        Some(backend.as_str()),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.unwrap_or_default();
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    ProviderId(hash.finalize().into())
}
