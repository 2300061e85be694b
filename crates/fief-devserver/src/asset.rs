//! The files that pages refer to.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// Under `/static/`, for all tenants.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/static/style.css", get(async || asset("text/css", STYLE)))
        .route("/static/icon.svg", get(async || asset("image/svg+xml", ICON)))
        .route("/static/copy.js", get(async || asset("text/javascript", COPY)))
        .route("/static/docs.js", get(async || asset("text/javascript", DOCS)))
}

const STYLE: &str = include_str!("../static/style.css");
const ICON: &str = include_str!("../static/icon.svg");
const COPY: &str = include_str!("../static/copy.js");
const DOCS: &str = include_str!("../static/docs.js");

/// Not kept by the browser: the next server on this port may be of another version.
fn asset(content_type: &'static str, text: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
