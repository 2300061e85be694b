//! Errors: as a page for people, as JSON for programs.

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use serde_json::json;

use super::{Policy, html};
use crate::http::answer::{Explained, json as answer};

/// An error that the user can't fix: the program that sent them here is at fault, or the sign-in
/// took too long. The code is sent in the header `X-Fief-Error`.
pub(crate) fn error_page(title: &'static str, code: &'static str, message: String) -> Response {
    let mut response = html(Policy::Tenant, &Page { title, code, message: &message });
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert("x-fief-error", HeaderValue::from_static(code));
    response.extensions_mut().insert(Explained { code, message });
    response
}

#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    title: &'a str,
    code: &'a str,
    message: &'a str,
}

/// Answers an error in the form that the request prefers; without a preference, in that of the real
/// server.
pub(crate) async fn in_the_preferred_form(request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let (people, programs) =
        (accepted.contains("text/html"), accepted.contains("application/json"));
    let response = next.run(request).await;
    let Some(explained) = response.extensions().get::<Explained>().cloned() else {
        return response;
    };
    let is_page = is_html(response.headers());
    if people && !is_page {
        let title = response.status().canonical_reason().unwrap_or("Error");
        let page = Page { title, code: "", message: &explained.message };
        replaced(&response, html(Policy::Tenant, &page))
    } else if programs && !people && is_page {
        let body = json!({"error": explained.code, "detail": explained.message});
        replaced(&response, answer(StatusCode::BAD_REQUEST, &body))
    } else {
        response
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// The other answer, with the status and the other headers of the first.
fn replaced(first: &Response, mut other: Response) -> Response {
    *other.status_mut() = first.status();
    for (name, value) in first.headers() {
        if name != header::CONTENT_LENGTH {
            other.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }
    other
}
