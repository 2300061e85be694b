//! Answers with faults in them.

use std::{fmt, io, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header, response::Parts},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http_body_util::BodyExt;

use super::App;
use crate::fault::{Endpoint, Fault};

/// A connection that is closed instead of an answer.
#[derive(Debug)]
pub(crate) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut on demand")
    }
}

impl std::error::Error for Cut {}

/// What a handler is to put wrong itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tampering {
    pub(crate) issuer: bool,
    pub(crate) key: bool,
}

/// The answer to a request, with the fault that is planned for it.
pub(crate) async fn answer<F>(
    mut request: Request,
    app: &App,
    handle: impl FnOnce(Request) -> F,
) -> Result<Response, Cut>
where
    F: Future<Output = Response>,
{
    let fault = Endpoint::of(request.uri().path()).and_then(|endpoint| app.faults().next(endpoint));
    let mut tampering = Tampering::default();
    match &fault {
        None => {}
        Some(Fault::WrongIssuer) => tampering.issuer = true,
        Some(Fault::WrongKey) => tampering.key = true,
        Some(Fault::Delay(time)) => tokio::time::sleep(*time).await,
        Some(Fault::CutHalfway | Fault::Drip(_)) => {
            // A body of one piece, so that half of it is half of it.
            request.headers_mut().remove(header::ACCEPT_ENCODING);
        }
        Some(Fault::Cut) => return Err(Cut),
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return Ok(status.into_response());
        }
        Some(Fault::Garbage) => return Ok(garbage()),
        Some(Fault::Oversized(length)) => return Ok(oversized(*length)),
        Some(Fault::Redirect(url)) => return Ok(super::redirect(url)),
    }
    request.extensions_mut().insert(tampering);
    let response = handle(request).await;
    Ok(match fault {
        Some(Fault::CutHalfway) => halved(response).await,
        Some(Fault::Drip(time)) => dripping(response, time).await,
        _ => response,
    })
}

fn garbage() -> Response {
    let bytes: &[u8] = b"\xff\xfe\x00{]\x80\"garbage";
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// A text that never ends, as JSON, up to that length.
fn oversized(length: u64) -> Response {
    const PIECE: &[u8] = &[b'a'; 16 * 1024];
    let pieces = stream::unfold((length, true), |(left, first)| async move {
        if left == 0 {
            return None;
        }
        let piece = if first { b"{\"a\":\"" } else { PIECE };
        let piece = piece.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(piece);
        let sent = u64::try_from(piece.len()).unwrap_or(left);
        Some((Ok::<_, io::Error>(Bytes::from_static(piece)), (left - sent, false)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

/// Half of the body that was announced, and then an error, which closes the connection.
async fn halved(response: Response) -> Response {
    let (parts, body) = whole(response).await;
    let half = body.slice(..body.len() / 2);
    let pieces = stream::iter([Ok(half), Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
    Response::from_parts(parts, Body::from_stream(pieces))
}

async fn dripping(response: Response, time: Duration) -> Response {
    let (parts, body) = whole(response).await;
    let drops = stream::unfold(body, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(time).await;
        Some((Ok::<_, io::Error>(left.split_to(1)), left))
    });
    Response::from_parts(parts, Body::from_stream(drops))
}

async fn whole(response: Response) -> (Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    // Bodies here come from memory; what can't be read is no longer wanted.
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    (parts, body)
}
