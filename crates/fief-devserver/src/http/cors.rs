//! Cross-origin requests (the Fetch standard, section 3.3), as Starlette answers them.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

const METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
const HEADERS: &str =
    "Accept, Accept-Language, Authorization, Content-Language, Content-Type, X-Requested-With";

/// Lets every origin call the API, and answers what browsers ask beforehand.
pub(super) async fn cors(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let Some(origin) = origin.filter(|_| path.contains("/api") || path.contains("/.well-known"))
    else {
        return next.run(request).await;
    };
    let headers = request.headers();
    if request.method() == Method::OPTIONS
        && let Some(method) = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)
    {
        return preflight(method, headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS));
    }
    let has_cookie = headers.contains_key(header::COOKIE);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if has_cookie {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        add_vary(headers, "Origin");
    } else {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

fn preflight(method: &HeaderValue, asked: Option<&HeaderValue>) -> Response {
    let is_known = |list: &str, name: &str| {
        list.split(", ").any(|known| known.eq_ignore_ascii_case(name.trim()))
    };
    let mut failures = Vec::new();
    if !method.to_str().is_ok_and(|method| METHODS.split(", ").any(|known| known == method)) {
        failures.push("method");
    }
    let asked = asked.map(|asked| asked.to_str().unwrap_or("?"));
    if asked.is_some_and(|asked| !asked.split(',').all(|name| is_known(HEADERS, name))) {
        failures.push("headers");
    }
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    if failures.is_empty() {
        return (headers, "OK").into_response();
    }
    let text = format!("Disallowed CORS {}", failures.join(", "));
    (StatusCode::BAD_REQUEST, headers, text).into_response()
}

/// Says that the answer depends on that header of the request.
pub(super) fn add_vary(headers: &mut HeaderMap, name: &str) {
    let before = headers.get(header::VARY).and_then(|value| value.to_str().ok());
    let all = before.map_or_else(|| name.to_owned(), |before| format!("{before}, {name}"));
    if let Ok(value) = HeaderValue::from_str(&all) {
        headers.insert(header::VARY, value);
    }
}
