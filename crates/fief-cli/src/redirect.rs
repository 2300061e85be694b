//! The redirect URI of a program on the user's machine (RFC 8252 section 7.3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use crate::Error;

/// Where to listen, and what the browser will ask for.
#[derive(Debug)]
pub(crate) struct RedirectUri {
    /// Each address that the browser may try.
    addresses: Vec<SocketAddr>,
    /// What a browser sends as `Host`.
    pub host: String,
    pub path: String,
}

impl RedirectUri {
    /// Parses it as a browser does. The server is sent the string as it was given.
    pub fn parse(uri: &str) -> Result<Self, Error> {
        let url = Url::parse(uri).map_err(|_| Error::RedirectUri("is not an absolute URI"))?;
        if url.scheme() != "http" {
            return Err(Error::RedirectUri("must begin with http://"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(Error::RedirectUri("must have neither user nor fragment"));
        }
        let addresses: Vec<IpAddr> = match url.host() {
            // Not looked up: it is this machine, whatever a resolver says.
            Some(Host::Domain("localhost")) => {
                vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
            }
            Some(Host::Ipv4(address)) if address.is_loopback() => vec![address.into()],
            Some(Host::Ipv6(address)) if address.is_loopback() => vec![address.into()],
            _ => {
                return Err(Error::RedirectUri("must have the host localhost, 127.0.0.1 or [::1]"));
            }
        };
        let port = url.port_or_known_default().filter(|port| *port != 0);
        let port = port.ok_or(Error::RedirectUri("must name a port"))?;
        let host = url.host_str().unwrap_or_default();
        Ok(Self {
            addresses: addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect(),
            host: url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            path: url.path().to_owned(),
        })
    }

    /// Where to listen: where the browser may try, or at another address of this machine.
    pub fn addresses(&self, instead: Option<IpAddr>) -> Vec<SocketAddr> {
        let port = self.addresses.first().map_or(0, SocketAddr::port);
        instead.map_or_else(|| self.addresses.clone(), |ip| vec![SocketAddr::new(ip, port)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_and_we_mean_the_same() {
        for (uri, addresses, host, path) in [
            (
                "http://localhost:51562/callback",
                &["127.0.0.1:51562", "[::1]:51562"][..],
                "localhost:51562",
                "/callback",
            ),
            ("http://LOCALHOST:8000", &["127.0.0.1:8000", "[::1]:8000"], "localhost:8000", "/"),
            ("http://127.0.0.1/a?b=c", &["127.0.0.1:80"], "127.0.0.1", "/a"),
            ("http://[::1]:9/%41", &["[::1]:9"], "[::1]:9", "/%41"),
        ] {
            let redirect = RedirectUri::parse(uri).unwrap();
            let listens: Vec<String> = redirect.addresses.iter().map(ToString::to_string).collect();
            assert_eq!(listens, addresses, "{uri}");
            assert_eq!((redirect.host.as_str(), redirect.path.as_str()), (host, path), "{uri}");
        }
    }

    #[test]
    fn it_is_of_this_machine_or_refused() {
        for uri in [
            "https://localhost:51562/callback",
            "http://0.0.0.0:51562/callback",
            "http://[::]:51562/callback",
            "http://192.168.1.2:51562/callback",
            "http://example.com/callback",
            "http://localhost.example.com:51562/callback",
            "http://localhost:0/callback",
            "http://anne@localhost:51562/callback",
            "http://localhost:51562/callback#code",
            "castles://callback",
            "/callback",
            "",
        ] {
            let outcome = RedirectUri::parse(uri);
            assert!(matches!(outcome, Err(Error::RedirectUri(_))), "{uri}: {outcome:?}");
        }
    }
}
