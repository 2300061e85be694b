/// Asks an API: the status, the header that says what to do about it, and the body.
async fn ask(app: &Router, method: &str, path: &str, token: &str) -> (u16, String, String) {
    use tower::ServiceExt as _;
    let mut request = axum::http::Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(axum::body::Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let header = ["www-authenticate", "retry-after"];
    let header = header.iter().find_map(|name| response.headers().get(*name));
    let header = header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, header, String::from_utf8(body.to_vec()).unwrap())
}
