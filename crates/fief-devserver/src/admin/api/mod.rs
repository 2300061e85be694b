//! The admin API: the part of the real server's that tests need, in the same form.

mod clients;
mod input;
mod permissions;
mod users;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{StatusCode, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, delete, get, post},
};

use crate::http::{answer::Refusal, app::App, host::Host};

/// What is under `/admin/api`.
pub(crate) fn router(app: App) -> Router<App> {
    Router::new()
        .route("/clients/", get(clients::list).post(clients::create))
        .route("/clients/{id}", get(clients::find).patch(clients::update).delete(clients::remove))
        .route("/clients/{id}/encryption-key", post(clients::encryption_key))
        .route("/permissions/", get(permissions::list).post(permissions::create))
        .route("/permissions/{id}", get(permissions::find).delete(permissions::remove))
        .route("/tenants/", get(permissions::tenants))
        .route("/tenants/{id}", get(permissions::tenant))
        .route("/users/", get(users::list).post(users::create))
        .route("/users/{id}", get(users::find).patch(users::update).delete(users::remove))
        .route("/users/{id}/access-token", post(users::access_token))
        .route("/users/{id}/permissions", get(users::permissions).post(users::grant))
        .route("/users/{id}/permissions/{permission}", delete(users::revoke))
        .route_layer(from_fn_with_state(app, authenticated))
        .route("/{collection}", any(with_slash))
}

/// The path of a list ends in a slash; without it, the answer is a redirect there.
async fn with_slash(host: Host, Path(collection): Path<String>, uri: Uri) -> Response {
    if !["clients", "permissions", "tenants", "users"].contains(&collection.as_str()) {
        return Refusal::NOT_FOUND.into_response();
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = format!("{}/admin/api/{collection}/{query}", host.origin());
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
}

/// Lets requests with the key through.
async fn authenticated(State(app): State<App>, request: Request, next: Next) -> Response {
    let value = request.headers().get(header::AUTHORIZATION);
    let value = value.and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
    match value {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && key == app.api_key() => {
            next.run(request).await
        }
        _ => Refusal::UNAUTHORIZED.into_response(),
    }
}
