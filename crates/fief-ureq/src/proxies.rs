//! Which proxy a request goes through: ureq's own choice ignores the scheme of the target, and its
//! `NO_PROXY` knows neither subdomains nor networks.

use std::net::IpAddr;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fief_transport::Proxy;
use http::{HeaderValue, Uri, uri::Scheme};

use fief_transport::{TransportError, failure};

/// The proxies of the two schemes, and who is reached without.
pub(crate) struct Proxies {
    http: Option<ProxyServer>,
    https: Option<ProxyServer>,
    direct: Vec<Direct>,
}

impl Proxies {
    pub fn new(proxy: &Proxy) -> Result<Self, TransportError> {
        match proxy {
            Proxy::None => Ok(Self { http: None, https: None, direct: Vec::new() }),
            Proxy::Url(url) => {
                let server = ProxyServer::parse(url.expose())
                    .filter(ProxyServer::is_http)
                    .ok_or_else(|| failure::configuration(NOT_HTTP))?;
                let (http, https) = (Some(server.clone()), Some(server));
                Ok(Self { http, https, direct: Vec::new() })
            }
            _ => Ok(Self::from_variables(|name| std::env::var(name).ok())),
        }
    }

    /// As hyper-util's matcher reads them: the name in capitals wins, and what is no URL counts as
    /// unset.
    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |capitals: &str| {
            variable(capitals).or_else(|| variable(&capitals.to_ascii_lowercase()))
        };
        // Under CGI a visitor sets HTTP_PROXY by sending the header `Proxy`.
        if variable("REQUEST_METHOD").is_some() {
            return Self { http: None, https: None, direct: Vec::new() };
        }
        let server = |name| either(name).and_then(|url| ProxyServer::parse(&url));
        let all = server("ALL_PROXY");
        Self {
            http: server("HTTP_PROXY").or_else(|| all.clone()),
            https: server("HTTPS_PROXY").or(all),
            direct: either("NO_PROXY").unwrap_or_default().split(',').map(Direct::parse).collect(),
        }
    }

    /// The proxy for this target; an error if it is none that we can speak to.
    pub fn server(&self, target: &Uri) -> Result<Option<&ProxyServer>, TransportError> {
        let server = if is_https(target) { &self.https } else { &self.http };
        let host = target.host().unwrap_or_default().trim_matches(['[', ']']);
        match server {
            None => Ok(None),
            Some(_) if self.direct.iter().any(|direct| direct.covers(host)) => Ok(None),
            Some(server) if server.is_http() => Ok(Some(server)),
            Some(_) => Err(failure::configuration(NOT_HTTP)),
        }
    }
}

const NOT_HTTP: &str = "the proxy is not one of the form http://[user:password@]host:port";

/// Where a proxy is, without its credentials, and the header that carries them.
#[derive(Clone)]
pub(crate) struct ProxyServer {
    pub uri: Uri,
    pub authorization: Option<HeaderValue>,
}

impl ProxyServer {
    fn parse(url: &str) -> Option<Self> {
        let proxy = ureq::Proxy::new(url).ok()?;
        let mut parts = proxy.uri().clone().into_parts();
        let authority = parts.authority.as_ref()?.as_str();
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        parts.authority = Some(place.parse().ok()?);
        parts.path_and_query = Some("/".parse().ok()?);
        let uri = Uri::from_parts(parts).ok()?;
        let Some(user) = proxy.username() else {
            return Some(Self { uri, authorization: None });
        };
        let credentials = format!("{user}:{}", proxy.password().unwrap_or_default());
        let header = format!("Basic {}", BASE64_STANDARD.encode(credentials));
        let mut authorization = HeaderValue::try_from(header).ok()?;
        authorization.set_sensitive(true);
        Some(Self { uri, authorization: Some(authorization) })
    }

    fn is_http(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTP)
    }
}

/// An entry of `NO_PROXY`.
enum Direct {
    /// `*`
    All,
    /// `example.com` and `.example.com` are the name and what is below it.
    Name(String),
    /// `192.168.0.0/16`; an address alone is a network of one.
    Network(IpAddr, u32),
}

impl Direct {
    fn parse(entry: &str) -> Self {
        let entry = entry.trim();
        let (address, length) = entry
            .split_once('/')
            .map_or((entry, None), |(address, length)| (address, Some(length)));
        if let Ok(address) = address.parse() {
            let whole = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
            let length = length.map_or(Some(whole), |length| length.parse().ok());
            if let Some(length) = length.filter(|length| *length <= whole) {
                return Self::Network(address, length);
            }
        }
        if entry == "*" { Self::All } else { Self::Name(entry.to_ascii_lowercase()) }
    }

    fn covers(&self, host: &str) -> bool {
        match (self, host.parse()) {
            (Self::All, _) => true,
            (Self::Name(name), Err(_)) => {
                let name = name.strip_prefix('.').unwrap_or(name);
                let host = host.to_ascii_lowercase();
                !name.is_empty()
                    && host
                        .strip_suffix(name)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            (Self::Network(IpAddr::V4(network), length), Ok(IpAddr::V4(address))) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= *length
            }
            (Self::Network(IpAddr::V6(network), length), Ok(IpAddr::V6(address))) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= *length
            }
            _ => false,
        }
    }
}

pub(crate) fn is_https(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTPS)
}

#[cfg(test)]
mod tests;
