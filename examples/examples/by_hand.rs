//! The core without a driver, over a plain `TcpStream`. Try `-- --help`.

use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::{net::TcpStream, time::Duration, time::SystemTime};

use fief_examples::{REDIRECT_URI, config};
use fief_proto::flow::{Request, Response, drive};
use fief_proto::{Provider, TransportError, UnixTime};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = config("by_hand", "Prints where to send a user.").build()?;
    let mut provider = Provider::default();
    // A real program draws these bytes from its operating system.
    let login = client.login(REDIRECT_URI, &[0x2a; 96])?;
    let send = |request: Request| {
        let host = request.http().uri().host().unwrap_or_default();
        exchange(&request).map_err(|error| TransportError::foreign(error, host))
    };
    println!("{}", drive(login, &client, &mut provider, now, send)?.url);
    Ok(())
}

fn now() -> UnixTime {
    SystemTime::now().into()
}

/// HTTP/1.0 over plain TCP, good enough for a server on this machine.
fn exchange(request: &Request) -> Result<Response, Error> {
    let (http, limit) = (request.http(), request.body_limit() as u64 + 64 * 1024);
    let uri = Some(http.uri()).filter(|uri| uri.scheme_str() == Some("http"));
    let host = uri.and_then(|uri| uri.authority()).ok_or(ErrorKind::Unsupported)?;
    let mut stream = TcpStream::connect((host.host(), host.port_u16().unwrap_or(80)))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let (method, uri, length) = (http.method(), http.uri(), http.body().len());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
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
