//! Interactive documentation of the API, and the files of all pages.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use utoipa_swagger_ui::{Config, oauth};

use crate::{
    html::{Policy, html},
    http::{
        answer::{Refusal, redirect},
        app::App,
        host::Host,
    },
};

/// The documentation of the default tenant.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/openapi.json", get(description))
        .route("/docs", get(async || html(Policy::Documentation, &Page)))
        .route("/docs/", get(async || redirect("/docs")))
        .route("/docs/oauth2-redirect", get(async || swagger("oauth2-redirect.html", None)))
        .route("/docs/swagger-initializer.js", get(initializer))
        .route("/docs/{file}", get(async |Path(name): Path<String>| swagger(&name, None)))
        .route(
            "/static/style.css",
            get(async || file("text/css", include_str!("../static/style.css"))),
        )
        .route(
            "/static/icon.svg",
            get(async || file("image/svg+xml", include_str!("../static/icon.svg"))),
        )
        .route(
            "/static/copy.js",
            get(async || file("text/javascript", include_str!("../static/copy.js"))),
        )
        .route(
            "/static/docs.js",
            get(async || file("text/javascript", include_str!("../static/docs.js"))),
        )
}

/// Loads the files of Swagger UI. Its own page is not used, because its path would have to end in a
/// slash.
#[derive(Template)]
#[template(path = "docs.html")]
struct Page;

/// The API of the default tenant (OpenAPI 3.1.0), with the host of the request.
async fn description(host: Host) -> Response {
    // The host comes from the request, and may need escaping.
    let origin = json!(host.origin()).to_string();
    let document = include_str!("../static/openapi.json")
        .replace("VERSION", env!("CARGO_PKG_VERSION"))
        .replace("ORIGIN", origin.trim_matches('"'));
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// Fills in what the user would have to look up: the ID of the default client, and the required
/// scope.
async fn initializer(State(app): State<App>, host: Host) -> Response {
    let client = app.store().clients.first().map(|client| client.client_id.clone());
    let oauth = oauth::Config::new()
        .client_id(&client.unwrap_or_default())
        .scopes(vec!["openid".to_owned()])
        .use_pkce_with_authorization_code_grant(true);
    let config = Config::with_oauth_config(["/openapi.json"], oauth)
        .oauth2_redirect_url(format!("{}/docs/oauth2-redirect", host.origin()))
        .use_base_layout()
        .default_models_expand_depth(-1)
        // By default, Swagger UI would ask a validator on the Internet.
        .validator_url("none");
    swagger("swagger-initializer.js", Some(config))
}

/// A file of Swagger UI.
fn swagger(name: &str, config: Option<Config<'static>>) -> Response {
    let config = config.unwrap_or_else(|| Config::new(["/openapi.json"]));
    let file = match utoipa_swagger_ui::serve(name, Arc::new(config)) {
        Ok(Some(file)) => file,
        Ok(None) => return Refusal::NOT_FOUND.into_response(),
        Err(_) => return Refusal::ServerError.into_response(),
    };
    let mut response = file.bytes.into_owned().into_response();
    if let Ok(content_type) = HeaderValue::from_str(&file.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    let policy = Policy::Documentation.header();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// A file of this crate. It is never cached: the next server on this port may be of another
/// version.
fn file(content_type: &'static str, content: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-store")];
    (headers, content).into_response()
}
