//! Which proxy leads to Fief, and how to ask it for a tunnel: one reader of options and environment
//! for both drivers.
//!
//! A proxy is used for https, by `CONNECT`, so that it sees nothing but the name of the host. Plain
//! http is allowed to this machine, or by an option. It never goes through a proxy, which would
//! read the tokens.

use std::{env, net::IpAddr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fief_proto::{TransportError, TransportErrorKind};
use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use super::{failure, names::is_loopback};
use crate::Proxy;

/// The greatest answer of a proxy to `CONNECT`, in bytes.
pub const MAX_TUNNEL_HEAD: usize = 8 * 1024;

/// A proxy that is asked for tunnels with `CONNECT` (RFC 9110 section 9.3.6).
pub struct ProxyServer {
    /// Its host, an IPv6 address in brackets.
    pub host: String,
    pub port: u16,
    /// The credentials as they are sent in the header.
    credentials: Option<Zeroizing<String>>,
}

impl ProxyServer {
    /// The proxy between this machine and Fief at `base_url`, if there is one.
    ///
    /// # Errors
    ///
    /// If the URL of the proxy can't be used.
    pub fn towards(base_url: &str, proxy: &Proxy) -> Result<Option<Self>, TransportError> {
        choose(base_url, proxy, |name| env::var_os(name).map(|value| value.into_string().ok()))
    }

    /// The request for a tunnel to the target.
    pub fn connect_request(&self, host: &str, port: u16) -> Zeroizing<Vec<u8>> {
        let mut request = Zeroizing::new(Vec::with_capacity(1024));
        request.extend_from_slice(
            format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").as_bytes(),
        );
        if let Some(credentials) = &self.credentials {
            request.extend_from_slice(b"Proxy-Authorization: Basic ");
            request.extend_from_slice(credentials.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        request
    }

    /// Whether the proxy has opened the tunnel, from what it has answered so far. None while there
    /// is more to come.
    ///
    /// # Errors
    ///
    /// If the proxy refuses, or its answer is not HTTP or too large.
    pub fn answer(&self, read: &[u8]) -> Result<Option<()>, TransportError> {
        let end = read.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|end| end + 4);
        let status = read.split(|byte| b" \r".contains(byte)).nth(1).unwrap_or_default();
        match (end, status) {
            (None, _) if read.len() >= MAX_TUNNEL_HEAD => {
                Err(self.failure("its answer is too large"))
            }
            (None, _) => Ok(None),
            (Some(_), b"407") => Err(self.failure(
                "it answers 407: it wants other credentials, in its URL as `user:password@`",
            )),
            // TLS begins with the client, so that nothing can follow yet.
            (Some(end), [b'2', _, _]) if end == read.len() => Ok(Some(())),
            (Some(_), [b'2', _, _]) => Err(self.failure("it says more than an answer")),
            (Some(_), [a, b, c]) if [a, b, c].iter().all(|digit| digit.is_ascii_digit()) => {
                let digits = [*a, *b, *c];
                Err(self.failure(format!("it answers {}", String::from_utf8_lossy(&digits))))
            }
            _ => Err(self.failure("its answer is not HTTP")),
        }
    }

    /// The proxy, and not Fief, is what failed.
    pub fn failure(&self, what: impl Into<String>) -> TransportError {
        TransportError::new(TransportErrorKind::Proxy, self.address()).detail(what)
    }

    /// Its host and port.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn parse(url: &str) -> Option<Self> {
        let with_scheme = if url.contains("://") { url } else { &format!("http://{url}") };
        let url = Url::parse(with_scheme).ok().filter(|url| url.scheme() == "http")?;
        let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
        let decoded = |part: &str| Zeroizing::new(percent_decode_str(part).collect::<Vec<u8>>());
        let credentials = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let password = decoded(url.password().unwrap_or_default());
            let joined = [&decoded(url.username())[..], b":", &password].concat();
            Zeroizing::new(BASE64_STANDARD.encode(Zeroizing::new(joined)))
        });
        Some(Self { host, port: url.port().unwrap_or(80), credentials })
    }
}

const FORM: &str = "http://[user:password@]host[:port]";

/// Reads the environment only if the options ask for it, and parses no proxy that would not be
/// used.
fn choose(
    base_url: &str,
    proxy: &Proxy,
    variable: impl Fn(&str) -> Option<Option<String>>,
) -> Result<Option<ProxyServer>, TransportError> {
    let url = Url::parse(base_url)
        .map_err(|error| failure::configuration("the base URL is no URL").because(error))?;
    let (host, is_https) = (url.host_str().unwrap_or_default(), url.scheme() == "https");
    let not_of_the_form = |what: &str| {
        failure::configuration(format!("{what} can't be used: it is not of the form {FORM}"))
    };
    match proxy {
        Proxy::None => Ok(None),
        Proxy::Url(_) if !is_https => Err(failure::configuration(
            "a proxy is for https, and the base URL is http, where it would read the tokens",
        )),
        Proxy::Url(proxy) => {
            let proxy = ProxyServer::parse(proxy.expose())
                .ok_or_else(|| not_of_the_form("the proxy of the options"))?;
            Ok((!is_loopback(host)).then_some(proxy))
        }
        Proxy::Environment if !is_https || is_loopback(host) => Ok(None),
        Proxy::Environment => {
            // Lower case first, as in curl and Python; an empty variable counts as unset.
            let first = |names: &[&'static str]| {
                names.iter().find_map(|name| {
                    let value = variable(name)?;
                    value.as_deref().is_none_or(|value| !value.is_empty()).then_some((*name, value))
                })
            };
            let Some((name, value)) =
                first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
            else {
                return Ok(None);
            };
            let port = url.port_or_known_default().unwrap_or(443);
            if let Some((name, list)) = first(&["no_proxy", "NO_PROXY"]) {
                let list = list.ok_or_else(|| {
                    failure::configuration(format!("the variable {name} is not UTF-8"))
                })?;
                if is_direct(name, &list, host, port) {
                    return Ok(None);
                }
            }
            value
                .and_then(|value| ProxyServer::parse(&value))
                .map(Some)
                .ok_or_else(|| not_of_the_form(&format!("the proxy of the variable {name}")))
        }
    }
}

/// Whether a `NO_PROXY` names this host. An entry that is not understood matches nothing, and is
/// logged once, by its position alone: a URL there may hold a password.
fn is_direct(variable: &str, list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    let entries = list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
    let mut is_direct = false;
    for (index, entry) in entries.enumerate() {
        match Direct::parse(entry) {
            Some(direct) => is_direct |= direct.covers(&host, port),
            #[cfg(feature = "tracing")]
            None => tracing::warn!(
                variable,
                position = index + 1,
                "an entry is not understood and matches nothing"
            ),
            #[cfg(not(feature = "tracing"))]
            None => {
                let _ = (variable, index);
            }
        }
    }
    is_direct
}

/// An entry of `NO_PROXY`.
struct Direct {
    hosts: Hosts,
    port: Option<u16>,
}

enum Hosts {
    /// `*`
    All,
    /// `example.com`, `.example.com` and `*.example.com` are the name and what is below it.
    Name(String),
    /// `192.168.0.0/16`; an address alone is a network of one.
    Network(IpAddr, u32),
}

impl Direct {
    fn parse(entry: &str) -> Option<Self> {
        if let Some(network) = Hosts::network(entry) {
            return Some(Self { hosts: network, port: None });
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (entry, None),
        };
        let hosts = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) => Hosts::network(address)?,
            None if host == "*" => Hosts::All,
            None => Hosts::network(host).or_else(|| Hosts::name(host))?,
        };
        Some(Self { hosts, port })
    }

    fn covers(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
            && match (&self.hosts, host.parse()) {
                (Hosts::All, _) => true,
                (Hosts::Name(name), Err(_)) => host
                    .strip_suffix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
                (Hosts::Network(IpAddr::V4(network), length), Ok(IpAddr::V4(address))) => {
                    (network.to_bits() ^ address.to_bits()).leading_zeros() >= *length
                }
                (Hosts::Network(IpAddr::V6(network), length), Ok(IpAddr::V6(address))) => {
                    (network.to_bits() ^ address.to_bits()).leading_zeros() >= *length
                }
                _ => false,
            }
    }
}

impl Hosts {
    fn network(entry: &str) -> Option<Self> {
        let (address, length) = match entry.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (entry, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Some(whole), |length| length.parse().ok())?;
        (length <= whole).then_some(Self::Network(address, length))
    }

    fn name(entry: &str) -> Option<Self> {
        let name = entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry);
        let name = name.trim_matches('.').to_ascii_lowercase();
        let is_name = |c: char| c.is_alphanumeric() || "-._".contains(c);
        (!name.is_empty() && name.chars().all(is_name)).then_some(Self::Name(name))
    }
}

#[cfg(test)]
mod tests;
