//! Which proxy a request goes through.

use fief_transport::Proxy;
use http::{Uri, uri::Scheme};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use fief_transport::{TransportError, failure};

/// The proxies of the two schemes, and who is reached without.
pub(crate) struct Proxies(Matcher);

impl Proxies {
    pub fn new(proxy: &Proxy) -> Result<Self, TransportError> {
        match proxy {
            Proxy::None => Ok(Self::none()),
            Proxy::Url(url) => {
                let proxies = Self(Matcher::builder().all(url.expose()).build());
                match proxies.server(&Uri::from_static("http://localhost")) {
                    Ok(Some(_)) => Ok(proxies),
                    _ => Err(failure::configuration(NOT_HTTP)),
                }
            }
            // The matcher takes a star for every name, but for no address.
            _ if directs_all() => Ok(Self::none()),
            _ => Ok(Self(Matcher::from_env())),
        }
    }

    /// The proxy for this target; an error if it is none that we can speak to.
    pub fn server(&self, target: &Uri) -> Result<Option<Intercept>, TransportError> {
        match self.0.intercept(target) {
            Some(server) if server.uri().scheme() != Some(&Scheme::HTTP) => {
                Err(failure::configuration(NOT_HTTP))
            }
            server => Ok(server),
        }
    }

    fn none() -> Self {
        Self(Matcher::builder().build())
    }
}

const NOT_HTTP: &str = "the proxy is not one of the form http://[user:password@]host:port";

fn directs_all() -> bool {
    std::env::var("NO_PROXY")
        .or_else(|_| std::env::var("no_proxy"))
        .is_ok_and(|list| list.split(',').any(|entry| entry.trim() == "*"))
}

pub(crate) fn is_https(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTPS)
}
