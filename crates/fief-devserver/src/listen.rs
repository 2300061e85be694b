//! The addresses on which the server listens.

use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use tokio::net::{TcpListener, TcpSocket};

/// How many connections may wait to be accepted: a test may start a thousand sign-ins at once.
const BACKLOG: u32 = 1024;

pub(crate) struct Listeners {
    pub(crate) all: Vec<TcpListener>,
    pub(crate) port: u16,
}

/// Listens on this address, and with the default one on `::1` too, because `localhost` may mean
/// that.
pub(crate) fn listen(address: IpAddr, port: u16) -> io::Result<Listeners> {
    let mut tries = 16;
    loop {
        match listen_once(address, port) {
            // A free port of one address need not be free on the other.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 && tries > 0 => {
                tries -= 1;
            }
            listeners => return listeners,
        }
    }
}

fn listen_once(address: IpAddr, port: u16) -> io::Result<Listeners> {
    let first = bind(address, port)?;
    let port = first.local_addr()?.port();
    let mut all = vec![first];
    if address == IpAddr::from([127, 0, 0, 1]) {
        match bind(Ipv6Addr::LOCALHOST.into(), port) {
            // A client that connects to `localhost` could reach another program.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            listener => all.extend(listener),
        }
    }
    Ok(Listeners { all, port })
}

fn bind(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As in the standard library. On Windows the option would have another meaning.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::new(address, port))?;
    socket.listen(BACKLOG)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        fs,
        net::{Ipv4Addr, TcpStream},
        time::Duration,
    };

    use super::listen;

    /// With the usual backlog of 128, the next connection would wait until one is accepted, which
    /// does not happen here.
    #[test]
    fn hundreds_of_connections_wait_to_be_accepted() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _entered = runtime.enter();
        let listeners = listen(Ipv4Addr::LOCALHOST.into(), 0).unwrap();
        let most: usize =
            fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap().trim().parse().unwrap();
        let address = ([127, 0, 0, 1], listeners.port).into();
        let connect = || TcpStream::connect_timeout(&address, Duration::from_secs(30));
        let waiting: Vec<_> = (0..most.min(400)).map(|_| connect().unwrap()).collect();
        assert_eq!(waiting.len(), most.min(400));
    }
}
