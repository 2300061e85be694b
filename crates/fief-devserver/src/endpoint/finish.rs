//! The way back to the client (RFC 6749, section 4.1.2).

use axum::response::Response;
use url::form_urlencoded::Serializer;

use super::token::{Subject, issue};
use crate::{
    http::{App, redirect},
    token::validation_hash,
    world::{AuthorizationCode, LoginSession, Session, World},
};

/// With a code, and what else the response type asks for. None if that can't be signed, or the
/// client is gone.
pub(crate) fn success(
    app: &App,
    world: &mut World,
    login: &LoginSession,
    session: &Session,
) -> Option<Response> {
    let now = app.now();
    let client = world.client_by_id(login.client)?.clone();
    let code = AuthorizationCode {
        client: login.client,
        user: session.user,
        redirect_uri: login.redirect_uri.clone(),
        scope: login.scope.clone(),
        authenticated_at: session.created_at,
        acr: login.acr,
        nonce: login.nonce.clone(),
        challenge: login.challenge.clone(),
    };
    let code = world.codes.issue(code, now.saturating_add(client.lifetimes.code.into()));

    let mut parameters = vec![("code", code.clone())];
    parameters.extend(login.state.clone().map(|state| ("state", state)));
    let subject = Subject {
        tenant: world.tenant_by_id(login.tenant)?,
        client: &client,
        user: world.user(session.user)?,
        authenticated_at: session.created_at,
        acr: login.acr,
        scope: &login.scope,
    };
    let access_token = if login.response_type.token {
        Some(issue::access_token(app, &subject, None)?)
    } else {
        None
    };
    if let Some(token) = &access_token {
        parameters.extend([("access_token", token.clone()), ("token_type", "bearer".to_owned())]);
    }
    if login.response_type.id_token {
        let extra = issue::IdTokenExtra {
            nonce: login.nonce.as_deref(),
            c_hash: Some(validation_hash(&code)),
            at_hash: access_token.as_deref().map(validation_hash),
        };
        parameters.push(("id_token", issue::id_token(app, world, &subject, extra, None)?));
    }
    Some(back(&login.redirect_uri, login.response_type.is_hybrid(), parameters))
}

/// With an error. The description comes as one parameter for each of its characters, because that
/// is what the real server does.
pub(crate) fn error(
    redirect_uri: &str,
    fragment: bool,
    error: &'static str,
    description: &'static str,
    state: Option<&str>,
) -> Response {
    let mut parameters = vec![("error", error.to_owned())];
    parameters.extend(description.chars().map(|c| ("error_description", c.to_string())));
    parameters.extend(state.map(|state| ("state", state.to_owned())));
    back(redirect_uri, fragment, parameters)
}

fn back(redirect_uri: &str, fragment: bool, parameters: Vec<(&str, String)>) -> Response {
    let parameters = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let separator = match (fragment, redirect_uri.contains('?')) {
        (true, _) => '#',
        (false, true) => '&',
        (false, false) => '?',
    };
    redirect(&format!("{redirect_uri}{separator}{parameters}"))
}
