//! Which path is answered by what.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};

use super::{App, Host, Refusal, cors::cors, gzip::gzip, methods::methods};
use crate::{admin, asset, docs, endpoint};

/// The greatest body of a request, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

pub(crate) fn router(app: App) -> Router {
    // Around the routes, not in them: these look at a request before its path is looked up.
    Router::new()
        .fallback_service(routes(app))
        .layer(from_fn(methods))
        .layer(from_fn(security_headers))
        .layer(from_fn(gzip))
        .layer(from_fn(cors))
}

fn routes(app: App) -> Router {
    Router::new()
        .merge(asset::router())
        .merge(admin::pages::router())
        .merge(docs::router())
        .route("/", get(endpoint::home::home))
        .route("/{tenant}/", get(endpoint::home::home))
        .merge(tenant())
        .nest("/{tenant}", tenant())
        .nest("/admin/api", admin::api::router(app.clone()))
        .fallback(elsewhere)
        .method_not_allowed_fallback(async || Refusal::METHOD_NOT_ALLOWED)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(app)
}

/// The path of a tenant ends in a slash; without it, it leads there.
async fn elsewhere(host: Host, uri: Uri) -> Response {
    let name = uri.path().strip_prefix('/').unwrap_or_default();
    if name.is_empty() || name.contains('/') {
        return Refusal::NOT_FOUND.into_response();
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = format!("{}/{name}/{query}", host.origin());
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
}

/// What each tenant has.
fn tenant() -> Router<App> {
    Router::new()
        .route("/.well-known/openid-configuration", get(endpoint::discovery::configuration))
        .route("/.well-known/jwks.json", get(endpoint::discovery::keys))
        .route("/api/token", post(endpoint::token::token))
        .route(
            "/api/userinfo",
            get(endpoint::userinfo::userinfo).post(endpoint::userinfo::userinfo),
        )
        .route("/api/profile", patch(endpoint::profile::profile))
        .route("/api/password", patch(endpoint::password::password))
        .route("/api/email/change", patch(endpoint::email::change))
        .route("/api/email/verify", post(endpoint::email::verify))
        .route("/authorize", get(endpoint::authorize::authorize))
        .route("/login", get(endpoint::login::page).post(endpoint::login::submit))
        .route("/register", get(endpoint::register::page).post(endpoint::register::submit))
        .route("/verify-request", get(endpoint::verify::request))
        .route("/verify", get(endpoint::verify::page).post(endpoint::verify::submit))
        .route("/consent", get(endpoint::consent::page).post(endpoint::consent::submit))
        .route("/logout", get(endpoint::logout::logout))
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
