//! The core without a driver, over a plain `TcpStream`: what embedding takes. Try `-- --help`.

use std::{
    io::{Error, ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::{SystemTime, UNIX_EPOCH},
};

use fief_examples::{REDIRECT_URI, config};
use fief_proto::{Cause, Client, Flow, Input, Provider, Request, Response, Step, UnixTime};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = config("by_hand").build()?;
    let mut provider = Provider::default();
    // A real program draws these bytes from its operating system.
    let flow = client.login(REDIRECT_URI, &[0x2a; 96])?;
    println!("{}", drive(&client, &mut provider, flow)?.url);
    Ok(())
}

/// The whole driver: one thread, so nobody to share a fetch with.
fn drive<F: Flow>(
    client: &Client,
    provider: &mut Provider,
    mut flow: F,
) -> Result<F::Output, Box<dyn std::error::Error>> {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
    let now = || UnixTime::from_secs(now().try_into().unwrap_or(i64::MAX));
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

/// HTTP/1.0 over plain TCP, good enough for a server on this machine.
fn send(request: &Request) -> std::io::Result<Response> {
    let http = request.http();
    let authority = http.uri().authority().ok_or(ErrorKind::InvalidInput)?;
    let mut stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80)))?;
    let head = format!("{} {} HTTP/1.0\r\nhost: {authority}", http.method(), http.uri().path());
    let headers: String = http.headers().iter().fold(String::new(), |text, (name, value)| {
        text + &format!("\r\n{name}: {}", value.to_str().unwrap_or_default())
    });
    let length = format!("\r\ncontent-length: {}\r\n\r\n", http.body().len());
    stream.write_all(
        &[head.as_bytes(), headers.as_bytes(), length.as_bytes(), http.body()].concat(),
    )?;
    let mut answer = Vec::new();
    stream.take(request.body_limit() as u64 + 64 * 1024).read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|at| at == b"\r\n\r\n").ok_or(ErrorKind::InvalidData)?;
    let body = answer.split_off(end + 4);
    let status = String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap_or_default().to_owned();
    http::Response::builder().status(status.as_str()).body(body).map_err(Error::other)
}
