//! The sockets, which are open before the browser is.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use mio::{Interest, Poll, Token, net::TcpListener};
use socket2::{Domain, Socket, Type};

use crate::{Error, redirect::RedirectUri};

/// How many may wait to be let in. Who waits in a long queue has said what it wants by the time it
/// is let in: the greater the crowd, the less it can push a browser out again.
const LONGEST_QUEUE: i32 = 4096;

/// Listens on every address that the browser may try.
pub(crate) struct Loopback {
    pub(super) poll: Poll,
    pub(super) listeners: Vec<TcpListener>,
    /// One of theirs, to name in an error.
    pub(super) address: SocketAddr,
}

impl Loopback {
    /// Takes the port on each address of the redirect URI.
    ///
    /// An address that this machine does not have, as `::1` where IPv6 is off, is left out. One that
    /// somebody else holds is an error: the browser might go there with the code.
    pub fn bind(redirect: &RedirectUri) -> Result<Self, Error> {
        let mut listeners = Vec::new();
        let mut absent = None;
        for &address in &redirect.addresses {
            match listen(address) {
                Ok(listener) => listeners.push((address, listener)),
                Err(error) => match error.kind() {
                    ErrorKind::AddrInUse => return Err(Error::PortInUse(address)),
                    ErrorKind::PermissionDenied => return Err(fails(address)(error)),
                    _ => absent = Some(fails(address)(error)),
                },
            }
        }
        let Some(&(address, _)) = listeners.first() else {
            return Err(absent.unwrap_or(Error::RedirectUri("names no address")));
        };
        let poll = Poll::new().map_err(fails(address))?;
        let mut listeners: Vec<_> = listeners.into_iter().map(|(_, listener)| listener).collect();
        for (index, listener) in listeners.iter_mut().enumerate() {
            let registered = poll.registry().register(listener, Token(index), Interest::READABLE);
            registered.map_err(fails(address))?;
        }
        Ok(Self { poll, listeners, address })
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of the last sign-in that still linger are no reason to fail. On Windows the
    // option means another thing: that others may take the port over.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(LONGEST_QUEUE)?;
    socket.set_nonblocking(true)?;
    Ok(TcpListener::from_std(socket.into()))
}

fn fails(address: SocketAddr) -> impl Fn(io::Error) -> Error {
    move |error| Error::Listen(address, error.into())
}
