//! Interactive documentation of the API: Swagger UI, from files in this program.

mod openapi;
mod schema;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa_swagger_ui::Config;

use crate::{
    http::{App, Host, Refusal, json, redirect},
    page::{Policy, html},
};

/// Of the default tenant.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/openapi.json", get(description))
        .route("/docs", get(async || html(Policy::Documentation, &Page)))
        .route("/docs/", get(async || redirect("/docs")))
        .route("/docs/oauth2-redirect", get(async |host| file("oauth2-redirect.html", &host)))
        .route("/docs/{file}", get(async |Path(name): Path<String>, host| file(&name, &host)))
}

/// Loads the files below, where Swagger UI's own page would have to be asked for with a slash.
#[derive(Template)]
#[template(path = "docs.html")]
struct Page;

async fn description(host: Host) -> Response {
    json(StatusCode::OK, &openapi::document(&host.origin()))
}

fn file(name: &str, host: &Host) -> Response {
    let config = Config::new(["/openapi.json"])
        .oauth2_redirect_url(format!("{}/docs/oauth2-redirect", host.origin()))
        .use_base_layout()
        .default_models_expand_depth(-1)
        // Asks a server in the network otherwise.
        .validator_url("none");
    let file = match utoipa_swagger_ui::serve(name, Arc::new(config)) {
        Ok(Some(file)) => file,
        Ok(None) => return Refusal::NOT_FOUND.into_response(),
        Err(_) => return Refusal::ServerError.into_response(),
    };
    let mut response = file.bytes.into_owned().into_response();
    if let Ok(content_type) = HeaderValue::from_str(&file.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    let policy = HeaderValue::from_static(Policy::Documentation.text());
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
