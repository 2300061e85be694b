//! The authorization endpoint (RFC 6749, section 3.1; OpenID Connect Core, section 3.1.2).
//!
//! The order of the checks is that of the real server, so that the same fault is named if there are
//! several.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::finish;
use crate::{
    html::error::error_page,
    http::{
        answer::{Refusal, redirect},
        app::App,
        cookies::{self, Cookies},
        host::InTenant,
        input::{Parameters, Query},
    },
    rules::Invalid,
    store::{
        Client, Store,
        sign_in::{Challenge, LoginSession, ResponseType, Session},
    },
};

/// How long a user has to sign in, in seconds.
const LOGIN_SESSION_LIFETIME: i64 = 86_400;

/// How long language and address are remembered, in seconds.
const A_MONTH: u32 = 30 * 86_400;

pub(crate) async fn authorize(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    Query(query): Query,
) -> Response {
    let now = app.now();
    let mut store = app.store();
    let session = cookies.session(&store, tenant.id(), now).map(|(_, session)| session);
    let request = match read(&app, &store, &tenant, session.as_ref(), &query) {
        Ok(request) => request,
        Err(Fault::Page(code, message)) => return error_page("Sign in", code, message),
        Err(Fault::Redirect { redirect_uri, fragment, state, error, description }) => {
            return finish::error(&redirect_uri, fragment, error, description, state.as_deref());
        }
    };
    let age = session.map(|session| now - session.created_at);
    let may_reuse = match query.find("max_age").map(str::parse::<i64>) {
        Some(Err(_)) => return max_age_refused(query.find("max_age").unwrap_or_default()),
        Some(Ok(max_age)) => age.is_some_and(|age| age < max_age),
        None => age.is_some(),
    };

    let Request { session: mut login, prompt_login, register, level_one } = request;
    let prefix = tenant.of(&store).prefix();
    let next = if may_reuse && !prompt_login && !level_one {
        // With a kept session, the user has not just shown a password.
        login.acr = "0";
        "consent"
    } else if register {
        "register"
    } else {
        "login"
    };
    let token = store.login_sessions.issue(login, now.saturating_add(LOGIN_SESSION_LIFETIME));

    let mut response = redirect(&format!("{prefix}/{next}"));
    let headers = response.headers_mut();
    cookies::set(headers, Cookies::LOGIN_SESSION, &token, None);
    if let Some(hint) = query.find("login_hint") {
        cookies::set(headers, Cookies::LOGIN_HINT, &cookies::encode(hint), Some(A_MONTH));
    }
    if let Some(lang) = query.find("lang") {
        cookies::set(headers, Cookies::LOCALE, &cookies::encode(lang), Some(A_MONTH));
    }
    response
}

/// A valid request.
struct Request {
    session: LoginSession,
    prompt_login: bool,
    register: bool,
    level_one: bool,
}

/// What stops a request.
enum Fault {
    /// It is not yet known that the redirect URI is the client's.
    Page(&'static str, String),
    Redirect {
        redirect_uri: String,
        fragment: bool,
        state: Option<String>,
        error: &'static str,
        description: &'static str,
    },
}

fn read(
    app: &App,
    store: &Store,
    tenant: &InTenant,
    session: Option<&Session>,
    query: &Parameters,
) -> Result<Request, Fault> {
    let client = client(store, tenant, query)?;
    let redirect_uri = redirect_uri(app, client, query)?;
    let state = query.find("state");
    let stop = |hybrid: bool, error, description| Fault::Redirect {
        redirect_uri: redirect_uri.to_owned(),
        fragment: hybrid,
        state: state.map(str::to_owned),
        error,
        description,
    };

    let invalid = "invalid_request";
    let response_type = query
        .find("response_type")
        .ok_or_else(|| stop(false, invalid, "response_type is missing"))?;
    let response_type = ResponseType::parse(response_type)
        .ok_or_else(|| stop(false, invalid, "response_type is invalid"))?;
    let stop = |error, description| stop(response_type.is_hybrid(), error, description);

    if query.find("request").is_some() {
        return Err(stop("request_not_supported", "request parameter is not supported"));
    }
    let scope = query.find("scope").ok_or_else(|| stop(invalid, "scope is missing"))?;
    let scope: Vec<_> = scope.split_whitespace().map(str::to_owned).collect();
    if !scope.iter().any(|scope| scope == "openid") {
        return Err(stop("invalid_scope", r#"scope should contain "openid""#));
    }
    let prompt = query.find("prompt");
    if !matches!(prompt, None | Some("none" | "login" | "consent")) {
        return Err(stop(invalid, r#"prompt should either be "none", "login" or "register""#));
    }
    if matches!(prompt, Some("none" | "consent")) && session.is_none() {
        return Err(stop("login_required", "User is not logged in"));
    }
    let screen = query.find("screen").unwrap_or("login");
    if !matches!(screen, "login" | "register") {
        return Err(stop(invalid, r#"screen should either be "login" or "register""#));
    }
    let method = query.find("code_challenge_method").unwrap_or("plain");
    let challenge = query.find("code_challenge");
    if challenge.is_some() && !matches!(method, "plain" | "S256") {
        return Err(stop(invalid, "Unsupported code_challenge_method"));
    }
    let nonce = query.find("nonce");
    if nonce.is_none() && response_type.id_token {
        return Err(stop(invalid, "nonce parameter is required for this response_type"));
    }
    let acr_values = query.find("acr_values").unwrap_or_default();
    let known = acr_values.split_whitespace().find(|acr| matches!(*acr, "0" | "1"));

    Ok(Request {
        session: LoginSession {
            client: client.id,
            tenant: tenant.id(),
            response_type,
            redirect_uri: redirect_uri.to_owned(),
            scope,
            state: state.map(str::to_owned),
            nonce: nonce.map(str::to_owned),
            acr: "1",
            challenge: challenge
                .map(|value| Challenge { value: value.to_owned(), is_sha256: method == "S256" }),
        },
        prompt_login: prompt == Some("login"),
        register: screen == "register",
        level_one: known == Some("1"),
    })
}

fn client<'a>(
    store: &'a Store,
    tenant: &InTenant,
    query: &Parameters,
) -> Result<&'a Client, Fault> {
    let stop = |why: String| Fault::Page("invalid_client", why);
    let id = query.find("client_id").ok_or_else(|| stop("client_id is missing.".to_owned()))?;
    let found = store.client(id).filter(|client| client.tenant == tenant.id());
    let name = &tenant.of(store).name;
    found.ok_or_else(|| stop(format!("The tenant {name} has no client with the client ID {id}.")))
}

/// Compared as a string, with port and trailing slash. The redirect URI of this server's API
/// documentation is accepted for every client.
fn redirect_uri<'a>(app: &App, client: &Client, query: &'a Parameters) -> Result<&'a str, Fault> {
    let stop = |why: String| Fault::Page("invalid_redirect_uri", why);
    let uri =
        query.find("redirect_uri").ok_or_else(|| stop("redirect_uri is missing.".to_owned()))?;
    let documentation = format!("http://{}/docs/oauth2-redirect", app.domain());
    if client.redirect_uris.iter().chain([&documentation]).any(|known| known == uri) {
        Ok(uri)
    } else {
        let name = &client.name;
        Err(stop(format!(
            "The client {name} has no redirect URI {uri}. They are compared character by \
             character, and added in the administration."
        )))
    }
}

fn max_age_refused(input: &str) -> Response {
    let invalid = Invalid::new("int_parsing", "Input should be a whole number", &json!(input));
    Refusal::invalid(invalid.within("max_age").within("query")).into_response()
}
