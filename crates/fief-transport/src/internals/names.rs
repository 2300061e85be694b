//! From the name of a host to its addresses.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _},
    sync::Arc,
};

/// Looks up the addresses of a host, in the order in which they are to be tried; their port is 0.
pub type Names = Arc<dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// What the operating system says. It may take its time.
pub fn system_names() -> Names {
    Arc::new(|host| Ok((host, 0).to_socket_addrs()?.collect()))
}

/// The addresses of a host that need no DNS: an address, or a name of this
/// machine.
///
/// `localhost` and what is below it is this machine by definition (RFC 6761 section 6.3). Plain
/// http is allowed to it for that reason, so that no resolver may say otherwise.
pub fn addresses_without_asking(host: &str) -> Option<Vec<SocketAddr>> {
    let address = host.trim_matches(['[', ']']).parse();
    let addresses = match address {
        Ok(address) => vec![address],
        Err(_) if is_localhost(host) => {
            vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
        }
        Err(_) => return None,
    };
    Some(addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect())
}

/// Whether the host is this machine, by name or address.
pub(super) fn is_loopback(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => is_localhost(host),
    }
}

fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_without_asking() {
        for host in ["localhost", "fief.localhost", "a.b.LocalHost", "localhost."] {
            let addresses = addresses_without_asking(host).unwrap_or_default();
            assert_eq!(addresses.len(), 2, "{host}");
            assert!(addresses.iter().all(|address| address.ip().is_loopback()), "{host}");
        }
        assert_eq!(
            addresses_without_asking("[::1]"),
            Some(vec![SocketAddr::from((Ipv6Addr::LOCALHOST, 0))])
        );
        for host in ["notlocalhost", "localhost.example.com", "fief.example", ""] {
            assert_eq!(addresses_without_asking(host), None, "{host}");
        }
    }
}
