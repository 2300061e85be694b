//! Compression of answers that are worth it.

use std::io::Write;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt;

use super::cors::add_vary;

/// Bytes; smaller answers stay as they are.
const SMALLEST: usize = 500;

/// Compresses where the word is in the header, whatever quality stands beside it: as Starlette.
pub(super) async fn gzip(request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT_ENCODING);
    let is_accepted =
        accepted.and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("gzip"));
    let response = next.run(request).await;
    if !is_accepted || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Answers are in memory already.
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let Some(compressed) = compressed(&body).filter(|_| body.len() >= SMALLEST) else {
        return Response::from_parts(parts, body.into());
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    add_vary(&mut parts.headers, "Accept-Encoding");
    Response::from_parts(parts, Body::from(compressed))
}

fn compressed(body: &Bytes) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}
