//! Where a request went.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts, uri::Authority},
};
use url::Host as Name;

use super::App;

/// `host:port`, as the browser or a proxy in front of this server has it.
pub(crate) struct Host(String);

impl Host {
    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.0)
    }
}

impl FromRequestParts<App> for Host {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let header = |name| parts.headers.get(name)?.to_str().ok();
        let host = header("x-forwarded-host").or_else(|| header(header::HOST.as_str()));
        Ok(Self(host.unwrap_or(app.domain()).to_owned()))
    }
}

/// Whether a `Host` header names this machine, or an address. Any other name could be one that a
/// foreign site lets point here, to read the pages as if they were its own (DNS rebinding).
pub(crate) fn is_own(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    match Name::parse(authority.host()) {
        Ok(Name::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Name::Ipv4(_) | Name::Ipv6(_)) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn own_names_are_known() {
        for own in ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:80", "a.localhost"] {
            assert!(is_own(own), "{own}");
        }
        for foreign in
            ["", "evil.example:8000", "localhost.evil.example", "a b", "127.0.0.1.nip.io"]
        {
            assert!(!is_own(foreign), "{foreign}");
        }
    }
}
