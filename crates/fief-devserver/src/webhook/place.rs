//! Where a webhook may point.

use std::net::IpAddr;

use hyper::Uri;
use url::{Host, Url};

use crate::StartError;

/// Where that webhook is delivered: http, and on this machine unless anything goes.
pub(crate) fn place(url: &str, beyond_loopback: bool) -> Result<Uri, StartError> {
    let refused = || StartError::Webhook(url.to_owned());
    let parsed = Url::parse(url).map_err(|_| refused())?;
    let host = parsed.host().ok_or_else(refused)?;
    if parsed.scheme() != "http" || !(beyond_loopback || is_loopback(&host)) {
        return Err(refused());
    }
    parsed.as_str().parse().map_err(|_| refused())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => IpAddr::from(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::from(*address).is_loopback(),
    }
}
