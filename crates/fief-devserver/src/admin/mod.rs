//! The administration: for programs with a key, and for a person in a browser without.
//!
//! The pages ask for no password: everyone who can reach the server may use them, and it listens on
//! loopback only. Requests that foreign sites send through a user's browser are refused by
//! [`own_site_only`] and by a token in each form.

mod api;
mod pages;
mod path;

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};

use crate::http::{answer::Refusal, app::App, host::names_this_machine};

/// What is under `/admin`.
pub(crate) fn router(app: App) -> Router<App> {
    let api = Router::new().nest("/admin/api", api::router(app));
    pages::router().merge(api).route_layer(from_fn(own_site_only))
}

/// Refuses requests to a name that is not this machine's, and changes from other origins. The
/// forms' token alone is not enough: cookies are shared between ports, so that another program on
/// this machine could set them.
async fn own_site_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !names_this_machine(headers) {
        let why = "The administration is found at localhost or at an IP address, and nowhere else.";
        return Refusal::forbidden(why).into_response();
    }
    if !request.method().is_safe() && !is_from_here(headers) {
        return Refusal::forbidden("This form came from another site.").into_response();
    }
    next.run(request).await
}

/// Whether the headers with which a browser says where a request came from all name this server.
fn is_from_here(headers: &HeaderMap) -> bool {
    // A header that is not a string counts as empty, which names no server.
    let string = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = string(header::HOST.as_str());
    let is_here = |origin: &str| origin.split_once("://").map(|(_, at)| at) == host;
    string(header::ORIGIN.as_str()).is_none_or(is_here)
        && string("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"))
}
