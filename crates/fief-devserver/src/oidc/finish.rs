//! The redirect back to the client (RFC 6749, section 4.1.2).

use axum::response::Response;
use url::form_urlencoded::Serializer;

use super::issue::{self, Subject};
use crate::{
    http::{answer::redirect, app::App},
    observe::faults::Tampering,
    store::{
        Store,
        sign_in::{AuthorizationCode, LoginSession, Session},
    },
    tokens::claims::validation_hash,
};

/// A redirect with a code, and what else the response type requests. None if a token can't be
/// signed, or the client or the user was removed.
pub(crate) fn success(
    app: &App,
    store: &mut Store,
    login: &LoginSession,
    session: &Session,
) -> Option<Response> {
    let now = app.now();
    let client = store.client_by_id(login.client)?.clone();
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
    let code = store.codes.issue(code, now.saturating_add(client.lifetimes.code.into()));

    let mut parameters = vec![("code", code.clone())];
    parameters.extend(login.state.clone().map(|value| ("state", value)));
    let subject = Subject {
        tenant: store.tenant_by_id(login.tenant)?,
        client: &client,
        user: store.user(session.user)?,
        authenticated_at: session.created_at,
        acr: login.acr,
        scope: &login.scope,
    };
    let sound = Tampering::default();
    let mut access_token = None;
    if login.response_type.token {
        let token = issue::access_token(app, &subject, sound)?;
        parameters.extend([("access_token", token.clone()), ("token_type", "bearer".to_owned())]);
        access_token = Some(token);
    }
    if login.response_type.id_token {
        let hashes = (Some(validation_hash(&code)), access_token.as_deref().map(validation_hash));
        let nonce = login.nonce.as_deref();
        let token = issue::id_token(app, store, &subject, nonce, hashes, sound)?;
        parameters.push(("id_token", token));
    }
    Some(back(&login.redirect_uri, login.response_type.is_hybrid(), parameters))
}

/// A redirect with an error. The description is sent as one parameter for each of its characters,
/// as the real server does.
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
