//! A configuration that was checked.

use std::{fmt, time::Duration};

use http::HeaderValue;

use super::base_url::BaseUrl;
use crate::{
    base::secret::Secret,
    jose::{
        base64url::Base64Url,
        crypto::{Backend, RsaPrivateKey},
    },
};

/// A configuration that was checked: what the flows read.
pub(crate) struct Settings {
    pub base: BaseUrl,
    pub client_id: String,
    pub authentication: Authentication,
    pub decryption_key: Option<RsaPrivateKey>,
    pub host_header: Option<HeaderValue>,
    /// The base URL with the host that overrides its own.
    pub host: Option<BaseUrl>,
    pub public: Option<BaseUrl>,
    pub issuer: Option<String>,
    pub accepted_clients: Vec<String>,
    pub any_audience: bool,
    pub insecure_http: bool,
    pub leeway: Duration,
    pub key_refetch_cooldown: Duration,
    pub keys_due_after: Duration,
    pub keys_expire_after: Duration,
    pub backend: Backend,
    pub base64url: Base64Url,
    /// Which provider this is the configuration of: what was learned with another is not used.
    pub provider_id: ProviderId,
}

/// SHA-256 of all that decides which documents are those of the provider.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ProviderId(pub(super) [u8; 32]);

/// How the token endpoint learns which client it is.
#[derive(Debug)]
pub(crate) enum Authentication {
    Basic(HeaderValue),
    Post(Secret),
    Public,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base", &self.base.as_str())
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The base URL, and the others that name the same server.
    pub(crate) fn bases(&self) -> impl Iterator<Item = &BaseUrl> {
        [Some(&self.base), self.host.as_ref(), self.public.as_ref()].into_iter().flatten()
    }

    /// Whether this client is ours: the configured one, or one that the user has named.
    pub(crate) fn is_ours(&self, client_id: &str) -> bool {
        client_id == self.client_id || self.accepted_clients.iter().any(|id| id == client_id)
    }
}
