//! A redirect to the login, for pages.

use axum::{
    extract::OriginalUri,
    response::{IntoResponse as _, Redirect, Response},
};
use fief_hyper::AccessTokenError;
use http::{HeaderValue, Method, header, request::Parts};
use url::form_urlencoded;

use crate::AuthError;

/// An answer for [`FiefAuthBuilder::answer`](crate::FiefAuthBuilder::answer) that sends browsers to
/// the login and back to where they were; for a level that is too low, to a login at that level.
///
/// Only where a person waits for a page: a `GET` that accepts HTML. Scripts and other methods get
/// the default answer, and so does whoever is signed in and lacks a scope or a permission.
pub fn redirect_to_login(
    login_path: impl Into<String>,
) -> impl Fn(&AuthError, &Parts) -> Response + Send + Sync + 'static {
    let login_path = login_path.into();
    move |error, parts| {
        let level = match error {
            AuthError::AccessToken(AccessTokenError::AcrTooLow { required, .. }) => Some(required),
            error if error.is_anonymous() => None,
            error => return error.clone().into_response(),
        };
        if !is_page(parts) {
            return error.clone().into_response();
        }
        // A nested router sees a part of the path only.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let here = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", here);
        if let Some(level) = level {
            query.append_pair("acr_values", level.as_str());
        }
        let target = format!("{login_path}?{}", query.finish());
        let mut response = Redirect::to(&target).into_response();
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        response
    }
}

fn is_page(parts: &Parts) -> bool {
    let accepts_html = |value: &HeaderValue| {
        value.as_bytes().windows(9).any(|part| part.eq_ignore_ascii_case(b"text/html"))
    };
    matches!(parts.method, Method::GET | Method::HEAD)
        && parts.headers.get_all(header::ACCEPT).iter().any(accepts_html)
}
