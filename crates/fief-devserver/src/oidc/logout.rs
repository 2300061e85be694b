//! Signing out.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde_json::json;
use url::Url;

use crate::{
    html::error::error_page,
    http::{
        answer::{Refusal, redirect},
        app::App,
        cookies::{self, Cookies},
        host::InTenant,
        input::Query,
    },
    rules::Invalid,
};

/// Redirects to any URL, as the real server does: a sign-out does not name a client whose redirect
/// URIs could be compared.
pub(crate) async fn logout(
    State(app): State<App>,
    _tenant: InTenant,
    cookies: Cookies,
    Query(query): Query,
) -> Response {
    let Some(redirect_uri) = query.find("redirect_uri") else {
        return error_page("Sign out", "invalid_request", "redirect_uri is missing".to_owned());
    };
    let Ok(url) = Url::parse(redirect_uri) else {
        let invalid = Invalid::new("url_parsing", "Input should be a URL", &json!(redirect_uri));
        return Refusal::invalid(invalid.within("redirect_uri").within("query")).into_response();
    };
    if let Some(token) = cookies.find(Cookies::SESSION) {
        app.store().sessions.remove(token);
    }
    let mut response = redirect(url.as_str());
    cookies::unset(response.headers_mut(), Cookies::SESSION);
    response
}
