//! Faults that only HTTP/2 knows.

use fief_transport_tests::{
    PATIENCE,
    http2::{
        CONTINUATION, CONTINUE, DATA, END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, OK, PING,
        RST_STREAM, SETTINGS, Server,
    },
};

use super::*;

/// Nothing else ends what these tests are about.
const LIMITED: Duration = Duration::from_secs(1);

#[test]
fn stream_reset_before_the_answer() {
    for code in [0, 2, 7, 11] {
        let server = Server::start(move |_, stream, frames| {
            frames.send(RST_STREAM, 0, stream, &[0, 0, 0, code])
        });
        assert_eq!(fails(&server, PATIENCE), "io", "{code}");
        assert_eq!(server.requests().len(), 1, "sent again: {code}");
    }
}

#[test]
fn stream_reset_in_the_body() {
    for code in [2, 8] {
        let server = Server::start(move |_, stream, frames| {
            frames.send(HEADERS, END_HEADERS, stream, OK)?;
            frames.send(DATA, 0, stream, b"hello")?;
            frames.send(RST_STREAM, 0, stream, &[0, 0, 0, code])
        });
        assert_eq!(fails(&server, PATIENCE), "io", "{code}");
    }
}

#[test]
fn connection_cut() {
    let server = Server::start(|_, _, _| Err(ErrorKind::Other.into()));
    assert_eq!(fails(&server, PATIENCE), "io");
    let server = Server::start(|_, stream, frames| {
        frames.send(HEADERS, END_HEADERS, stream, OK)?;
        frames.send(DATA, 0, stream, b"hello")?;
        Err(ErrorKind::Other.into())
    });
    assert_eq!(fails(&server, PATIENCE), "io");
}

#[test]
fn kept_connection_cut() {
    kept(|_, _| Err(ErrorKind::Other.into()));
}

#[test]
fn kept_connection_told_to_go_away() {
    kept(|_, frames| {
        // The stream before this one was the last that was looked at.
        frames.send(GOAWAY, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0])?;
        Err(ErrorKind::Other.into())
    });
}

#[test]
fn kept_connection_refuses() {
    kept(|stream, frames| frames.send(RST_STREAM, 0, stream, &[0, 0, 0, 7]));
}

/// The second request meets this. A safe one is sent again.
fn kept(end: fn(u32, &mut Frames) -> io::Result<()>) {
    for method in ["GET", "POST"] {
        let server = Server::start(move |connection, stream, frames| {
            if (connection, stream) == (0, 3) {
                return end(stream, frames);
            }
            frames.send(HEADERS, END_HEADERS, stream, OK)?;
            frames.send(DATA, END_STREAM, stream, b"hello")
        });
        let driver = client(&server, PATIENCE);
        driver.send(&request("GET", &server.url()), LIMIT).unwrap();
        match driver.send(&request(method, &server.url()), LIMIT) {
            Ok(response) => {
                assert_eq!((response.body().as_slice(), method), (&b"hello"[..], "GET"));
            }
            Err(failure) => assert_eq!((failure.reason, method), ("io", "POST")),
        }
        assert_eq!(server.requests().len(), if method == "GET" { 3 } else { 2 });
    }
}

#[test]
fn endless_headers() {
    let server = Server::start(|_, stream, frames| {
        // A header that is not indexed: `x: y`.
        let header = b"\x00\x01x\x01y".repeat(1000);
        frames.send(HEADERS, 0, stream, OK)?;
        loop {
            frames.send(CONTINUATION, 0, stream, &header)?;
        }
    });
    ends(&server, PATIENCE);
}

#[test]
fn endless_body() {
    let server = Server::start(|_, stream, frames| {
        frames.send(HEADERS, END_HEADERS, stream, OK)?;
        frames.send_for_ever(stream, &[b'x'; 1000])
    });
    let response = client(&server, PATIENCE).send(&request("GET", &server.url()), LIMIT).unwrap();
    assert_eq!(response.body().len(), LIMIT + 1);
}

/// What is allowed, and leads nowhere.
#[test]
fn endless_nothing() {
    for nothing in [PING, SETTINGS, DATA, HEADERS] {
        let server = Server::start(move |_, stream, frames| {
            if nothing == DATA {
                frames.send(HEADERS, END_HEADERS, stream, OK)?;
            }
            loop {
                match nothing {
                    PING => frames.send(PING, 0, 0, &[0; 8])?,
                    SETTINGS => frames.send(SETTINGS, 0, 0, &[])?,
                    DATA => frames.send(DATA, 0, stream, &[])?,
                    _ => frames.send(HEADERS, END_HEADERS, stream, CONTINUE)?,
                }
            }
        });
        ends(&server, LIMITED);
    }
}

#[test]
fn nonsense() {
    for (kind, payload) in [(DATA, b"hello".as_slice()), (HEADERS, b"\xff\xff\xff\xff\xff")] {
        let server =
            Server::start(move |_, stream, frames| frames.send(kind, END_HEADERS, stream, payload));
        ends(&server, PATIENCE);
    }
}

#[test]
fn silence() {
    let server = Server::start(|_, _, _| Ok(()));
    assert_eq!(fails(&server, LIMITED), "timeout");
    let server = Server::start(|_, stream, frames| frames.send(HEADERS, END_HEADERS, stream, OK));
    assert_eq!(fails(&server, LIMITED), "timeout");
}

/// In an error, whichever it is.
fn ends(server: &Server, limit: Duration) {
    let reason = fails(server, limit);
    assert!(["invalid_response", "io", "timeout"].contains(&reason), "{reason}");
}

fn fails(server: &Server, limit: Duration) -> &'static str {
    client(server, limit).send(&request("GET", &server.url()), LIMIT).unwrap_err().reason
}

fn client(server: &Server, limit: Duration) -> Blocking {
    let roots = Roots::Only(server.root.clone());
    Blocking::new(&TransportOptions { roots, timeout: Some(limit), ..options() }, false).unwrap()
}
