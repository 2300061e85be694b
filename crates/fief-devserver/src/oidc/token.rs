//! The token endpoint (RFC 6749, section 3.2).
//!
//! The order of the checks is the real server's. A failed attempt uses up neither a code nor a
//! refresh token.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::issue::{self, Subject};
use crate::{
    http::{
        answer::{Refusal, json as answer},
        app::App,
        host::InTenant,
        input::{Form, Parameters},
    },
    observe::faults::Tampering,
    store::{Client, Store, sign_in::RefreshToken},
    tokens::claims::validation_hash,
};

pub(crate) async fn token(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    Extension(tampering): Extension<Tampering>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut store = app.store();
    let grant_type = form.find("grant_type").ok_or(Refusal::Token("invalid_request"))?;
    let client = authenticated(&store, &headers, &form, grant_type)
        .ok_or(Refusal::Token("invalid_client"))?
        .clone();
    let grant = match grant_type {
        "authorization_code" => Grant::by_code(&store, &client, &form, now)?,
        "refresh_token" => Grant::by_refresh_token(&store, &client, &form, now)?,
        _ => return Err(Refusal::Token("unsupported_grant_type")),
    };
    let tenant = tenant?;
    let user = store.user(grant.user).filter(|user| user.tenant == client.tenant);
    let subject = Subject {
        tenant: tenant.of(&store),
        client: &client,
        user: user.ok_or(Refusal::Token("invalid_grant"))?,
        authenticated_at: grant.authenticated_at,
        acr: grant.acr,
        scope: &grant.scope,
    };

    let access_token = issue::access_token(&app, &subject, tampering);
    let access_token = access_token.ok_or(Refusal::ServerError)?;
    let hashes = (grant.c_hash.clone(), Some(validation_hash(&access_token)));
    let nonce = grant.nonce.as_deref();
    let id_token = issue::id_token(&app, &store, &subject, nonce, hashes, tampering);
    let mut body = Map::new();
    body.insert("access_token".to_owned(), json!(access_token));
    body.insert("id_token".to_owned(), json!(id_token.ok_or(Refusal::ServerError)?));
    body.insert("token_type".to_owned(), json!("bearer"));
    body.insert("expires_in".to_owned(), json!(client.lifetimes.token));

    match &grant.spends {
        Spent::Code(code) => store.codes.remove(code),
        Spent::RefreshToken(token) => store.refresh_tokens.remove(token),
    }
    if grant.scope.iter().any(|scope| scope == "offline_access") {
        let token = RefreshToken {
            client: client.id,
            user: grant.user,
            scope: grant.scope,
            authenticated_at: grant.authenticated_at,
        };
        let expires_at = now.saturating_add(client.lifetimes.refresh.into());
        let token = store.refresh_tokens.issue(token, expires_at);
        body.insert("refresh_token".to_owned(), json!(token));
    }
    let mut response = answer(StatusCode::OK, &Value::Object(body));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// What a code or a refresh token grants.
struct Grant {
    user: Uuid,
    scope: Vec<String>,
    authenticated_at: i64,
    acr: &'static str,
    nonce: Option<String>,
    c_hash: Option<String>,
    spends: Spent,
}

/// What is used up once it was exchanged for tokens.
enum Spent {
    Code(String),
    RefreshToken(String),
}

impl Grant {
    fn by_code(
        store: &Store,
        client: &Client,
        form: &Parameters,
        now: i64,
    ) -> Result<Self, Refusal> {
        let required = |name| form.find(name).ok_or(Refusal::Token("invalid_request"));
        let (code, redirect_uri) = (required("code")?, required("redirect_uri")?);
        let found = store.codes.find(code, now).filter(|found| {
            found.client == client.id
                && found.redirect_uri == redirect_uri
                && found.accepts_verifier(form.find("code_verifier"))
        });
        let found = found.ok_or(Refusal::Token("invalid_grant"))?;
        Ok(Self {
            user: found.user,
            scope: found.scope.clone(),
            authenticated_at: found.authenticated_at,
            acr: found.acr,
            nonce: found.nonce.clone(),
            c_hash: Some(validation_hash(code)),
            spends: Spent::Code(code.to_owned()),
        })
    }

    /// RFC 6749, section 6.
    fn by_refresh_token(
        store: &Store,
        client: &Client,
        form: &Parameters,
        now: i64,
    ) -> Result<Self, Refusal> {
        let token = form.find("refresh_token").ok_or(Refusal::Token("invalid_request"))?;
        let found = store.refresh_tokens.find(token, now).filter(|found| found.client == client.id);
        let found = found.ok_or(Refusal::Token("invalid_grant"))?;
        let scope: Vec<String> = match form.find("scope") {
            Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
            None => found.scope.clone(),
        };
        if !scope.iter().all(|scope| found.scope.contains(scope)) {
            return Err(Refusal::Token("invalid_scope"));
        }
        Ok(Self {
            user: found.user,
            scope,
            authenticated_at: found.authenticated_at,
            acr: "0",
            nonce: None,
            c_hash: None,
            spends: Spent::RefreshToken(token.to_owned()),
        })
    }
}

/// Client authentication (RFC 6749, section 2.3): by HTTP basic, by the form, or for a public
/// client by its ID and a verifier. Clients of all tenants are accepted, as by the real server.
fn authenticated<'a>(
    store: &'a Store,
    headers: &HeaderMap,
    form: &Parameters,
    grant_type: &str,
) -> Option<&'a Client> {
    let by_secret =
        |id: &str, secret: &str| store.client(id).filter(|client| client.client_secret == secret);
    let basic = || {
        let (id, secret) = basic(headers)?;
        by_secret(&id, &secret)
    };
    let post = || by_secret(form.find("client_id")?, form.find("client_secret")?);
    let none = || {
        let client = store.client(form.find("client_id")?)?;
        let has_pkce = grant_type != "authorization_code" || form.find("code_verifier").is_some();
        (!client.is_confidential() && has_pkce).then_some(client)
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
