//! Redirect URIs that are added while the server runs.

use std::net::Ipv4Addr;

use url::{Host, Url};

/// Why a redirect URI is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RedirectUriError {
    /// It is not an absolute URL.
    NotAUrl,
    /// It is http on a host that is not this machine or its network.
    HttpsRequired,
}

impl RedirectUriError {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::NotAUrl => "This is not a complete URL.",
            Self::HttpsRequired => {
                "Plain http is for this machine and its network; elsewhere it has to be https."
            }
        }
    }
}

/// The form in which the real server stores and compares it: parsed, so that it may differ from the
/// given string. `http://localhost:8000` becomes `http://localhost:8000/`.
pub(crate) fn redirect_uri(given: &str) -> Result<String, RedirectUriError> {
    let url = Url::parse(given).map_err(|_| RedirectUriError::NotAUrl)?;
    if url.scheme() == "http" && !url.host().is_some_and(|host| is_near(&host)) {
        return Err(RedirectUriError::HttpsRequired);
    }
    Ok(url.into())
}

fn is_near(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => is_private(*address),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn is_private(address: Ipv4Addr) -> bool {
    address.is_private() || address.is_loopback() || address.is_link_local()
}
