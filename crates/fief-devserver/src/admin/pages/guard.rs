//! What keeps foreign sites out, although the browser of the person at this machine reaches the
//! pages.

use axum::{
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};

use super::desk::NoPage;
use crate::http::host;

/// Refuses requests to a name that is not this machine's, and forms from other origins. The forms'
/// token alone would not do: cookies know no ports, so that another program on this machine could
/// set them.
pub(super) async fn keep_foreign_sites_out(
    request: Request,
    next: Next,
) -> Result<Response, NoPage> {
    let host = text(request.headers(), header::HOST.as_str()).unwrap_or_default();
    if !host::is_own(host) {
        let message = "These pages are found at localhost or at an IP address, and nowhere else.";
        return Err(NoPage::Refused(message));
    }
    if !request.method().is_safe() && !is_from(host, request.headers()) {
        return Err(NoPage::Refused("This form came from another site."));
    }
    Ok(next.run(request).await)
}

/// Whether all that a browser says of where a request was made points here.
fn is_from(host: &str, headers: &HeaderMap) -> bool {
    let origin = text(headers, header::ORIGIN.as_str());
    let site = text(headers, "sec-fetch-site");
    origin.is_none_or(|origin| origin.split_once("://").is_some_and(|(_, at)| at == host))
        && site.is_none_or(|site| matches!(site, "same-origin" | "none"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // What is no text points nowhere.
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}
