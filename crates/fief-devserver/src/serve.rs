//! Connections: accepted, served, recorded, with the faults that were asked for.

use std::{convert::Infallible, fmt, io, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header, response::Parts},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::{
    http::{answer::redirect, app::App},
    observe::{
        faults::{Fault, Tampering},
        requests::LoggedRequest,
    },
    router::router,
};

/// The greatest body of a request, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// Accepts connections until the server stops.
pub(crate) async fn serve(listener: TcpListener, app: App) {
    let router = router(app.clone());
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(talk(stream, router.clone(), app.clone()))),
            // Too many open files, or a connection that was closed before it was accepted: try
            // again after a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn talk(stream: TcpStream, router: Router, app: App) {
    // Answers are small and complete, so that collecting more data before sending only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(request, router.clone(), app.clone()));
    // A client may end the connection in any way.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        // A request that has arrived is answered, also to a client that has left by then.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// A connection that is closed instead of an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut on demand")
    }
}

impl std::error::Error for Cut {}

/// An error here closes the connection without an answer.
async fn answer(request: Request<Incoming>, router: Router, app: App) -> Result<Response, Cut> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), BODY_LIMIT).await;
    let logged = LoggedRequest::new(&parts, body.as_deref().unwrap_or_default());
    let fault = logged.endpoint.and_then(|endpoint| app.observed().faults.next(endpoint));
    let number = app.observed().requests.add(logged);
    let answer = match body {
        Ok(body) => {
            let request = Request::from_parts(parts, Body::from(body));
            disturbed(request, fault, router).await
        }
        Err(_) => Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response()),
    };
    if let Ok(response) = &answer {
        app.observed().requests.answered(number, response.status().as_u16());
    }
    answer
}

/// The answer to a request, with this fault.
async fn disturbed(
    mut request: Request,
    fault: Option<Fault>,
    router: Router,
) -> Result<Response, Cut> {
    let mut tampering = Tampering::default();
    match &fault {
        // Before the effect.
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return Ok(status.into_response());
        }
        Some(Fault::Cut) => return Err(Cut),
        Some(Fault::Garbage) => return Ok(garbage()),
        Some(Fault::Oversized(length)) => return Ok(oversized(*length)),
        Some(Fault::Redirect(url)) => return Ok(redirect(url)),
        // With the effect.
        Some(Fault::WrongIssuer) => tampering.issuer = true,
        Some(Fault::WrongKey) => tampering.key = true,
        // Without compression the body is one piece, which can be cut in half.
        Some(Fault::CutHalfway | Fault::Drip(_)) => {
            request.headers_mut().remove(header::ACCEPT_ENCODING);
        }
        Some(Fault::LoseAnswer | Fault::Delay(_)) | None => {}
    }
    request.extensions_mut().insert(tampering);
    // In a task of its own, so that a request has its effect even if its client leaves.
    let handled = tokio::spawn(router.oneshot(request)).await;
    let response = handled.map_err(|_| Cut)?.unwrap_or_else(|never: Infallible| match never {});
    match fault {
        // After the effect.
        Some(Fault::LoseAnswer) => Err(Cut),
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(time).await;
            Ok(response)
        }
        Some(Fault::CutHalfway) => halved(response).await,
        Some(Fault::Drip(time)) => Ok(dripping(response, time).await),
        _ => Ok(response),
    }
}

fn garbage() -> Response {
    let bytes: &[u8] = b"\xff\xfe\x00{]\x80\"garbage";
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// The beginning of JSON that never ends, up to that length.
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

/// Half of the body that was announced, and then an error, which closes the connection. There is
/// no half of an answer without a body, which is lost as a whole.
async fn halved(response: Response) -> Result<Response, Cut> {
    let (parts, body) = whole(response).await;
    if body.is_empty() {
        return Err(Cut);
    }
    let half = body.slice(..body.len() / 2);
    let pieces = stream::iter([Ok(half), Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
    Ok(Response::from_parts(parts, Body::from_stream(pieces)))
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
    // Bodies come from memory, so that reading can't fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    (parts, body)
}
