//! Which path is answered by what.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{Next, from_fn},
    response::Response,
    routing::{get, post},
};
use tower_http::{
    compression::{CompressionLayer, predicate::SizeAbove},
    cors::{Any, CorsLayer},
};

use super::{App, Refusal};
use crate::{admin, asset, docs, endpoint};

/// The greatest body of a request, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

pub(crate) fn router(app: App) -> Router {
    Router::new()
        .merge(asset::router())
        .merge(admin::pages::router())
        .merge(docs::router())
        .route("/", get(endpoint::home::home))
        .route("/{tenant}/", get(endpoint::home::home))
        .merge(tenant())
        .nest("/{tenant}", tenant())
        .nest("/admin/api", admin::api::router(app.clone()))
        .fallback(async || Refusal::NOT_FOUND)
        .method_not_allowed_fallback(async || Refusal::METHOD_NOT_ALLOWED)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(500)))
        .layer(from_fn(security_headers))
        .with_state(app)
}

/// What each tenant has.
fn tenant() -> Router<App> {
    let api = Router::new()
        .route("/.well-known/openid-configuration", get(endpoint::discovery::configuration))
        .route("/.well-known/jwks.json", get(endpoint::discovery::keys))
        .route("/api/token", post(endpoint::token::token))
        .route(
            "/api/userinfo",
            get(endpoint::userinfo::userinfo).post(endpoint::userinfo::userinfo),
        )
        .layer(cors());
    Router::new()
        .merge(api)
        .route("/authorize", get(endpoint::authorize::authorize))
        .route("/login", get(endpoint::login::page).post(endpoint::login::submit))
        .route("/register", get(endpoint::register::page).post(endpoint::register::submit))
        .route("/verify-request", get(endpoint::verify::request))
        .route("/verify", get(endpoint::verify::page).post(endpoint::verify::submit))
        .route("/consent", get(endpoint::consent::page).post(endpoint::consent::submit))
        .route("/logout", get(endpoint::logout::logout))
}

fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PATCH])
        .allow_headers([header::AUTHORIZATION, HeaderName::from_static("x-requested-with")])
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
