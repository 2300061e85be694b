//! Client authentication (RFC 6749, section 2.3).

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    http::Parameters,
    settings::ClientType,
    world::{Client, World},
};

/// By HTTP basic, by the form, or for a public client by its ID and a verifier. Clients of all
/// tenants are taken, as by the real server.
pub(crate) fn client<'a>(
    world: &'a World,
    headers: &HeaderMap,
    form: &Parameters,
    grant_type: &str,
) -> Option<&'a Client> {
    let by_secret =
        |id: &str, secret: &str| world.client(id).filter(|client| client.client_secret == secret);
    let basic = || {
        let (id, secret) = basic(headers)?;
        by_secret(&id, &secret)
    };
    let post = || by_secret(form.find("client_id")?, form.find("client_secret")?);
    let none = || {
        let client = world.client(form.find("client_id")?)?;
        let has_pkce = grant_type != "authorization_code" || form.find("code_verifier").is_some();
        (client.client_type == ClientType::Public && has_pkce).then_some(client)
    };
    basic().or_else(post).or_else(none)
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
