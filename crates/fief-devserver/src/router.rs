//! The routes, and the headers of all answers.

use std::{io::Write, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use flate2::{Compression, write::GzEncoder};
use tower_http::cors::{Any, CorsLayer};

use crate::{
    account, admin, docs,
    html::error::in_the_preferred_form,
    http::{answer::Refusal, app::App, host::Host},
    oidc, pages,
};

/// The smallest answer that is compressed, in bytes.
const SMALLEST_COMPRESSED: usize = 500;

pub(crate) fn router(app: App) -> Router {
    // Around the routes, so that these see a request before its path is looked up.
    Router::new()
        .fallback_service(routes(app))
        .layer(from_fn(methods))
        .layer(from_fn(in_the_preferred_form))
        .layer(from_fn(security_headers))
        .layer(from_fn(gzip))
}

fn routes(app: App) -> Router {
    Router::new()
        .merge(admin::router(app.clone()))
        .merge(docs::router())
        .route("/", get(pages::home::home))
        .route("/{tenant}/", get(pages::home::home))
        .merge(tenant())
        .nest("/{tenant}", tenant())
        .fallback(elsewhere)
        .method_not_allowed_fallback(async || Refusal::METHOD_NOT_ALLOWED)
        // Bodies were already read, within a limit.
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// The routes of each tenant.
fn tenant() -> Router<App> {
    let api = Router::new()
        .route("/.well-known/openid-configuration", get(oidc::discovery::configuration))
        .route("/.well-known/jwks.json", get(oidc::discovery::keys))
        .route("/api/token", post(oidc::token::token))
        .route("/api/userinfo", get(oidc::userinfo::userinfo).post(oidc::userinfo::userinfo))
        .route("/api/profile", patch(account::profile))
        .route("/api/password", patch(account::password))
        .route("/api/email/change", patch(account::change_email))
        .route("/api/email/verify", post(account::verify_email))
        .method_not_allowed_fallback(async || Refusal::METHOD_NOT_ALLOWED)
        .layer(cors());
    Router::new()
        .merge(api)
        .route("/authorize", get(oidc::authorize::authorize))
        .route("/login", get(pages::login::page).post(pages::login::submit))
        .route("/register", get(pages::register::page).post(pages::register::submit))
        .route("/verify-request", get(pages::verify::request))
        .route("/verify", get(pages::verify::page).post(pages::verify::submit))
        .route("/consent", get(pages::consent::page).post(pages::consent::submit))
        .route("/logout", get(oidc::logout::logout))
}

/// Allows the pages of every origin to call the API with a token.
fn cors() -> CorsLayer {
    let methods = [Method::DELETE, Method::GET, Method::PATCH, Method::POST, Method::PUT];
    let requested_with = HeaderName::from_static("x-requested-with");
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(methods)
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, requested_with])
        .max_age(Duration::from_secs(600))
        .vary([])
}

/// The path of a tenant ends in a slash; without it, the answer is a redirect there.
async fn elsewhere(host: Host, uri: Uri) -> Response {
    let name = uri.path().strip_prefix('/').unwrap_or_default();
    if name.is_empty() || name.contains('/') {
        return Refusal::NOT_FOUND.into_response();
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = format!("{}/{name}/{query}", host.origin());
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
}

/// Answers HEAD as an unknown method, as the real server does, and lists the known ones.
async fn methods(mut request: Request, next: Next) -> Response {
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

async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        ("content-security-policy", "frame-ancestors 'self'"),
        ("x-frame-options", "SAMEORIGIN"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("x-content-type-options", "nosniff"),
        ("permissions-policy", "geolocation=(), camera=(), microphone=()"),
    ] {
        let name = HeaderName::from_static(name);
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Compresses if the header contains `gzip`, whatever its quality value, as the real server does.
async fn gzip(request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT_ENCODING);
    let is_accepted =
        accepted.and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("gzip"));
    let response = next.run(request).await;
    if !is_accepted || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Answers are in memory already.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Some(compressed) = compressed(&body).filter(|_| body.len() >= SMALLEST_COMPRESSED) else {
        return Response::from_parts(parts, body.into());
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    Response::from_parts(parts, Body::from(compressed))
}

fn compressed(body: &Bytes) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}
