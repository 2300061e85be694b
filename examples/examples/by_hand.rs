//! The core without a driver, over a plain `TcpStream`: what embedding takes. Try `-- --help`.

use std::{
    io::{Error, ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::SystemTime,
};

use fief_examples::{REDIRECT_URI, config};
use fief_proto::{Cause, Client, Flow, Input, Provider, Request, Response, Step, UnixTime};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let client = config("by_hand").build()?;
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
        let now = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
        let now = UnixTime::from_secs(now.try_into()?);
        input = match flow.resume(provider, now, input)? {
            Step::Done(output) => return Ok(output),
            Step::Send(request) => match (request.ticket(), send(&request)) {
                (Some(ticket), outcome) => {
                    client.learn(provider, ticket, now, outcome.map_err(Cause::new));
                    Input::Go
                }
                (None, response) => Input::Response(response?),
            },
        };
    }
}

/// HTTP/1.0 over plain TCP, good enough for a server on this machine.
fn send(request: &Request) -> Result<Response, Error> {
    let (http, limit) = (request.http(), request.body_limit() as u64 + 64 * 1024);
    let host = http.uri().authority().ok_or(ErrorKind::InvalidInput)?;
    let mut stream = TcpStream::connect((host.host(), host.port_u16().unwrap_or(80)))?;
    write!(stream, "{} {} HTTP/1.0\r\nhost: {host}\r\n", http.method(), http.uri().path())?;
    for (name, value) in http.headers() {
        write!(stream, "{name}: {}\r\n", value.to_str().unwrap_or_default())?;
    }
    write!(stream, "content-length: {}\r\n\r\n", http.body().len())?;
    stream.write_all(http.body())?;
    let mut answer = Vec::new();
    stream.take(limit).read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|at| at == b"\r\n\r\n").ok_or(ErrorKind::InvalidData)?;
    let body = answer.split_off(end + 4);
    let status = std::str::from_utf8(answer.get(9..12).unwrap_or_default()).unwrap_or_default();
    http::Response::builder().status(status).body(body).map_err(Error::other)
}
