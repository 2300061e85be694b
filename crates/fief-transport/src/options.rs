//! The options for the connection, in every driver.
//!
//! They are plain data, so that each driver offers the same options with the same defaults.

use std::{fmt, time::Duration};

use fief_proto::{Secret, TransportError};

use crate::internals::failure;

/// How a driver connects to Fief: timeouts, trust, client certificate, proxy.
///
/// Start from `TransportOptions::default()` and change what differs.
///
/// ```
/// use std::time::Duration;
///
/// use fief_transport::{Roots, TransportOptions};
///
/// let pem = b"-----BEGIN CERTIFICATE-----\n...".to_vec();
/// let options = TransportOptions {
///     timeout: Some(Duration::from_secs(10)),
///     roots: Roots::PlatformAnd(pem),
///     ..TransportOptions::default()
/// };
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct TransportOptions {
    /// The longest wait for a connection, TCP and TLS together; 5 seconds by default.
    pub connect_timeout: Option<Duration>,
    /// The longest a whole exchange may take, from looking up the name to the last byte of the
    /// body; 30 seconds by default.
    pub timeout: Option<Duration>,
    /// The same for the discovery document and the key set, which a call may have to wait for
    /// before its own exchange; 5 seconds by default. A call waits for the fetch of another one at
    /// most twice as long.
    pub documents_timeout: Option<Duration>,
    /// Which certificate authorities are trusted; those of the platform by default.
    pub roots: Roots,
    /// The certificate to send to a server that asks for one; none by default.
    pub client_certificate: Option<ClientCertificate>,
    /// Accepts every certificate, forged ones included: an attacker between you and Fief can then
    /// read and change everything. For throwaway tests only; add a root instead.
    pub dangerous_accept_any_certificate: bool,
    /// The proxy to go through; the one of the environment by default.
    pub proxy: Proxy,
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Some(Duration::from_secs(5)),
            timeout: Some(Duration::from_secs(30)),
            documents_timeout: Some(Duration::from_secs(5)),
            roots: Roots::Platform,
            client_certificate: None,
            dangerous_accept_any_certificate: false,
            proxy: Proxy::Environment,
        }
    }
}

impl TransportOptions {
    /// Refuses a limit of zero, which every exchange would exceed.
    pub(crate) fn check(&self) -> Result<(), TransportError> {
        for (name, limit) in [
            ("connect_timeout", self.connect_timeout),
            ("timeout", self.timeout),
            ("documents_timeout", self.documents_timeout),
        ] {
            if limit.is_some_and(|limit| limit.is_zero()) {
                return Err(failure::configuration(format!(
                    "the option `{name}` is zero; leave it out (`None`) for no limit"
                )));
            }
        }
        Ok(())
    }
}

/// The certificate authorities that a driver trusts.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Roots {
    /// Only those in this PEM; the platform's are ignored. A server may also send one of them as
    /// its own: put a self-signed certificate here.
    Only(Vec<u8>),
    /// Those of the operating system, by its own verifier.
    #[default]
    Platform,
    /// Those of the operating system, and those in this PEM.
    PlatformAnd(Vec<u8>),
}

/// The certificate and key for mutual TLS, both as PEM.
#[derive(Clone)]
pub struct ClientCertificate {
    /// The certificate, then its intermediates, in PEM.
    pub chain: Vec<u8>,
    /// The private key (PKCS#8, PKCS#1 or SEC1), in PEM.
    pub key: Secret,
}

/// Whether and through which proxy a driver connects.
///
/// A proxy is for https, and sees the name of the server alone: it is asked for a tunnel
/// (`CONNECT`, RFC 9110 section 9.3.6). This machine (`localhost`, `*.localhost`, loopback
/// addresses) is never reached through one.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Proxy {
    /// What `HTTPS_PROXY`, else `ALL_PROXY`, and `NO_PROXY` say, in lower or upper case. Plain http
    /// goes direct, and `HTTP_PROXY` is not read.
    ///
    /// `NO_PROXY` is a list of names (`example.com` and what is below it), addresses and networks
    /// (`10.0.0.0/8`), each with a `:port` or without, or `*`. An entry that is not understood
    /// matches nothing, and is logged with the feature `tracing`.
    #[default]
    Environment,
    /// None, whatever the environment says.
    None,
    /// This one: `http://[user:password@]host[:port]`. A base URL of plain http is refused with it.
    Url(Secret),
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Only(_) => "Only(PEM)",
            Self::Platform => "Platform",
            Self::PlatformAnd(_) => "PlatformAnd(PEM)",
        })
    }
}

impl fmt::Debug for ClientCertificate {
    /// Without the chain: its file may hold the key too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate([redacted])")
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            Self::Url(_) => "Url([redacted])",
        })
    }
}
