//! Signing out.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde_json::json;
use url::Url;

use crate::{
    http::{App, Cookies, InTenant, Query, Refusal, cookies, redirect},
    page::{self, Frame},
};

/// Redirects to wherever it is told, as the real server does: it knows nothing by which it could
/// tell a good address.
pub(crate) async fn logout(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    Query(query): Query,
) -> Response {
    let mut world = app.world();
    let Some(redirect_uri) = query.find("redirect_uri") else {
        let frame = Frame::new(tenant.of(&world), &cookies);
        return page::logout_error(&frame, "redirect_uri is missing");
    };
    let url = match Url::parse(redirect_uri) {
        Ok(url) => url,
        Err(_) if redirect_uri.is_empty() => return not_a_url(redirect_uri, "input is empty"),
        Err(error) => return not_a_url(redirect_uri, &error.to_string()),
    };
    if let Some(token) = cookies.find(Cookies::SESSION) {
        world.sessions.remove(token);
    }
    let mut response = redirect(url.as_str());
    cookies::unset(response.headers_mut(), Cookies::SESSION);
    response
}

fn not_a_url(input: &str, error: &str) -> Response {
    Refusal::Unprocessable(vec![json!({
        "type": "url_parsing",
        "loc": ["query", "redirect_uri"],
        "msg": format!("Input should be a valid URL, {error}"),
        "input": input,
        "ctx": {"error": error},
    })])
    .into_response()
}
