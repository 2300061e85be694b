//! From a name to a connection, where the name has several addresses.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use fief_transport::internals::Names;

use super::{BASE, Driver, deadlines::unheeding, options};
use crate::{
    in_time,
    server::{Server, Then, ok},
};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// The first address never answers, and no time limit ends the wait.
pub fn the_other_family<D: Driver>() {
    if !cfg!(target_os = "linux") || TcpListener::bind((V6, 0)).is_err() {
        // Other systems refuse the connection or accept it; and some machines have one family only.
        return;
    }
    let (server, _unheeding) = loop {
        let unheeding = unheeding(V6);
        if let Ok(listener) = TcpListener::bind((V4, unheeding.1.port())) {
            break (serving(listener), unheeding);
        }
    };
    assert_eq!(asked::<D>(&server, &[V6, V4]), b"hello");
}

pub fn in_order_within_a_family<D: Driver>() {
    if !cfg!(target_os = "linux") {
        // Elsewhere there is one loopback address.
        return;
    }
    let second = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let server = serving(TcpListener::bind((second, 0)).unwrap());
    // At the first no server listens.
    assert_eq!(asked::<D>(&server, &[V4, second]), b"hello");
    let both = serving(TcpListener::bind((V4, server.port)).unwrap());
    assert_eq!(asked::<D>(&server, &[V4, second]), b"hello");
    assert_eq!((server.seen().len(), both.seen().len()), (1, 1));
}

/// No resolver is asked about this machine: it might say that it is another one.
pub fn names_of_this_machine<D: Driver>() {
    let server = serving(TcpListener::bind((V4, 0)).unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let names: Names = Arc::new(move |_| {
        count.fetch_add(1, SeqCst);
        Ok(vec![SocketAddr::from(([192, 0, 2, 2], 0))])
    });
    let driver = D::new(&options(), BASE, Some(names)).unwrap();
    for host in ["localhost", "fief.localhost", "a.FIEF.LocalHost"] {
        let url = format!("http://{host}:{}/path", server.port);
        assert_eq!(driver.send("POST", &url).unwrap().body(), b"hello", "{host}");
    }
    assert_eq!(asked.load(SeqCst), 0);
}

/// What the server answers, under a name with these addresses.
fn asked<D: Driver>(server: &Server, addresses: &[IpAddr]) -> Vec<u8> {
    let addresses: Vec<_> = addresses.iter().map(|address| (*address, 0).into()).collect();
    let names: Names = Arc::new(move |host| {
        assert_eq!(host, "fief.example");
        Ok(addresses.clone())
    });
    let url = format!("http://fief.example:{}/path", server.port);
    in_time(move || {
        let driver = D::new(&options(), BASE, Some(names)).unwrap();
        driver.send("POST", &url).unwrap().into_body()
    })
}

fn serving(listener: TcpListener) -> Server {
    Server::on(listener, None, |_, stream| {
        let _ = stream.write_all(ok("hello").as_bytes());
        Then::Close
    })
}
