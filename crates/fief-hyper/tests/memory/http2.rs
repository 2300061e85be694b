//! What a server can say in HTTP/2 alone.

use std::{io, time::Duration};

use fief_transport_tests::{
    PATIENCE,
    http2::{CONTINUATION, CONTINUE, DATA, END_HEADERS, END_STREAM, Frames, HEADERS, OK, Server},
    memory::{Call, Case, ISSUER, Operation},
};

/// The first answer is a good one.
pub fn cases() -> Vec<Case> {
    vec![
        case("good", "ok", PATIENCE, |stream, frames| whole(stream, frames, document().as_bytes())),
        case("endless body", LARGE, PATIENCE, |stream, frames| {
            frames.send(HEADERS, END_HEADERS, stream, OK)?;
            frames.send_for_ever(stream, &[b'x'; 16 * 1024])
        }),
        // Too many small frames may be too much before the body is.
        case("endless body, byte by byte", LARGE_OR_IO, PATIENCE, |stream, frames| {
            frames.send(HEADERS, END_HEADERS, stream, OK)?;
            frames.send_for_ever(stream, b"x")
        }),
        case("endless headers", IO, PATIENCE, |stream, frames| {
            frames.send(HEADERS, 0, stream, OK)?;
            loop {
                // Headers that are not indexed: `x: y`.
                frames.send(CONTINUATION, 0, stream, &b"\x00\x01x\x01y".repeat(3000))?;
            }
        }),
        case("endless empty parts of a body", IO, PATIENCE, |stream, frames| {
            frames.send(HEADERS, END_HEADERS, stream, OK)?;
            loop {
                frames.send_many(1000, DATA, 0, stream, &[])?;
            }
        }),
        case("endless interim answers", IO, Duration::from_secs(2), |stream, frames| {
            loop {
                frames.send_many(1000, HEADERS, END_HEADERS, stream, CONTINUE)?;
            }
        }),
    ]
}

const IO: &str = "provider_unavailable transport";
const LARGE: &str = "provider_invalid too_large";
const LARGE_OR_IO: &str = "provider_invalid too_large or provider_unavailable transport";

fn case(
    name: &'static str,
    outcome: &'static str,
    timeout: Duration,
    say: fn(u32, &mut Frames) -> io::Result<()>,
) -> Case {
    let server = Server::start(move |_, stream, frames| say(stream, frames));
    let base_url = format!("https://localhost:{}", server.port);
    Case { name, call: Call { base_url, operation: Operation::Discovery, timeout }, outcome }
}

fn whole(stream: u32, frames: &mut Frames, body: &[u8]) -> io::Result<()> {
    frames.send(HEADERS, END_HEADERS, stream, OK)?;
    frames.send(DATA, END_STREAM, stream, body)
}

fn document() -> String {
    format!(
        r#"{{"issuer": "{ISSUER}", "authorization_endpoint": "{ISSUER}/authorize",
            "token_endpoint": "{ISSUER}/api/token", "userinfo_endpoint": "{ISSUER}/userinfo",
            "jwks_uri": "{ISSUER}/.well-known/jwks.json"}}"#
    )
}
