//! Methods that a path does not have.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};

/// Answers HEAD as any method that is not there, as the real server does, and names those that are.
pub(super) async fn methods(mut request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::TRACE;
    }
    let mut response = next.run(request).await;
    if let Some(allow) = response.headers_mut().get_mut(header::ALLOW) {
        let methods = allow.to_str().unwrap_or_default().split(',').map(str::trim);
        let methods: Vec<_> = methods.filter(|method| *method != "HEAD").collect();
        *allow = HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static(""));
    }
    response
}
