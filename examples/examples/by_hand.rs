//! The core without a driver, over a plain `TcpStream`: what embedding takes. Try `-- --help`.

use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::{net::TcpStream, time::SystemTime};

use fief_examples::{REDIRECT_URI, config};
use fief_proto::{Client, Provider, UnixTime, flow::{Flow, Input, Request, Response, Step}};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let client = config("by_hand", "Prints where to send a user.").build()?;
    let mut provider = Provider::default();
    // A real program draws these bytes from its operating system.
    let flow = client.login(REDIRECT_URI, &[0x2a; 96])?;
    println!("{}", drive(&client, &mut provider, flow)?.url);
    Ok(())
}

/// The whole driver: one thread, so nobody to share a fetch with.
fn drive<F: Flow>(client: &Client, provider: &mut Provider, mut flow: F) -> Outcome<F::Output> {
    let mut input = Input::Go;
    loop {
        input = match flow.resume(provider, now(), input)? {
            Step::Done(output) => return Ok(output),
            Step::Send(request) => match (request.ticket(), send(&request)) {
                (Some(ticket), outcome) => {
                    client.learn(provider, ticket, now(), outcome.map_err(Cause::new));
                    Input::Go
                }
                (None, response) => Input::Response(response?),
            },
        };
    }
}

fn now() -> UnixTime {
    let age = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    UnixTime::from_secs(age.as_secs().try_into().unwrap_or(i64::MAX))
}

/// HTTP/1.0 over plain TCP, good enough for a server on this machine.
fn send(request: &Request) -> Result<Response, Error> {
    let (http, limit) = (request.http(), request.body_limit() as u64 + 64 * 1024);
    let uri = Some(http.uri()).filter(|uri| uri.scheme_str() == Some("http"));
    let host = uri.and_then(|uri| uri.authority()).ok_or(ErrorKind::Unsupported)?;
    let mut stream = TcpStream::connect((host.host(), host.port_u16().unwrap_or(80)))?;
    let (method, path, length) = (http.method(), http.uri().path(), http.body().len());
    write!(stream, "{method} {path} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {length}\r\n")?;
    for (name, value) in http.headers() {
        write!(stream, "{name}: {}\r\n", value.to_str().unwrap_or_default())?;
    }
    stream.write_all(&[b"\r\n", http.body().as_slice()].concat())?;
    let mut answer = Vec::new();
    stream.take(limit).read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|at| at == b"\r\n\r\n").ok_or(ErrorKind::InvalidData)?;
    let builder = http::Response::builder().status(answer.get(9..12).unwrap_or_default());
    builder.body(answer.split_off(end + 4)).map_err(Error::other)
}
