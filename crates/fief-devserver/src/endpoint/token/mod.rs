//! The token endpoint (RFC 6749, section 3.2).
//!
//! The order of the checks is the real server's. A failed attempt uses up neither a code nor a
//! refresh token.

mod authenticate;
pub(crate) mod issue;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Map, Value, json};

use crate::{
    http::{App, Form, InTenant, Parameters, Refusal, Tampering, json as answer},
    token::validation_hash,
    world::{Client, RefreshToken, User, World},
};

/// Whom tokens are for, and what about.
pub(crate) struct Subject<'a> {
    pub(crate) tenant: &'a crate::world::Tenant,
    pub(crate) client: &'a Client,
    pub(crate) user: &'a User,
    pub(crate) authenticated_at: i64,
    pub(crate) acr: &'a str,
    pub(crate) scope: &'a [String],
}

pub(crate) async fn token(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    Extension(tampering): Extension<Tampering>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut world = app.world();
    let grant_type = form.find("grant_type").ok_or(Refusal::Token("invalid_request"))?;
    let client = authenticate::client(&world, &headers, &form, grant_type)
        .ok_or(Refusal::Token("invalid_client"))?
        .clone();
    let grant = match grant_type {
        "authorization_code" => Grant::by_code(&world, &client, &form, now)?,
        "refresh_token" => Grant::by_refresh_token(&world, &client, &form, now)?,
        _ => return Err(Refusal::Token("unsupported_grant_type")),
    };
    let tenant = tenant?;
    let user = world.user(grant.user).filter(|user| user.tenant == client.tenant);
    let subject = Subject {
        tenant: tenant.of(&world),
        client: &client,
        user: user.ok_or(Refusal::Token("invalid_grant"))?,
        authenticated_at: grant.authenticated_at,
        acr: grant.acr,
        scope: &grant.scope,
    };

    let tampering = Some(tampering);
    let access_token = issue::access_token(&app, &subject, tampering);
    let access_token = access_token.ok_or(Refusal::ServerError)?;
    let extra = issue::IdTokenExtra {
        nonce: grant.nonce.as_deref(),
        c_hash: grant.c_hash.clone(),
        at_hash: Some(validation_hash(&access_token)),
    };
    let id_token = issue::id_token(&app, &world, &subject, extra, tampering);
    let mut body = Map::new();
    body.insert("access_token".to_owned(), json!(access_token));
    body.insert("id_token".to_owned(), json!(id_token.ok_or(Refusal::ServerError)?));
    body.insert("token_type".to_owned(), json!("bearer"));
    body.insert("expires_in".to_owned(), json!(client.lifetimes.token));

    match &grant.spends {
        Spent::Code(code) => world.codes.remove(code),
        Spent::RefreshToken(token) => world.refresh_tokens.remove(token),
    }
    if grant.scope.iter().any(|scope| scope == "offline_access") {
        let token = RefreshToken {
            client: client.id,
            user: grant.user,
            scope: grant.scope,
            authenticated_at: grant.authenticated_at,
        };
        let expires_at = now.saturating_add(client.lifetimes.refresh.into());
        let token = world.refresh_tokens.issue(token, expires_at);
        body.insert("refresh_token".to_owned(), json!(token));
    }
    let mut response = answer(StatusCode::OK, &Value::Object(body));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// What a code or a refresh token stands for.
struct Grant {
    user: uuid::Uuid,
    scope: Vec<String>,
    authenticated_at: i64,
    acr: &'static str,
    nonce: Option<String>,
    c_hash: Option<String>,
    spends: Spent,
}

/// What works no more once tokens were given for it.
enum Spent {
    Code(String),
    RefreshToken(String),
}

impl Grant {
    fn by_code(
        world: &World,
        client: &Client,
        form: &Parameters,
        now: i64,
    ) -> Result<Self, Refusal> {
        let required = |name| form.find(name).ok_or(Refusal::Token("invalid_request"));
        let (code, redirect_uri) = (required("code")?, required("redirect_uri")?);
        let found = world.codes.find(code, now).filter(|found| {
            found.client == client.id
                && found.redirect_uri == redirect_uri
                && found.takes_verifier(form.find("code_verifier"))
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
        world: &World,
        client: &Client,
        form: &Parameters,
        now: i64,
    ) -> Result<Self, Refusal> {
        let token = form.find("refresh_token").ok_or(Refusal::Token("invalid_request"))?;
        let found = world.refresh_tokens.find(token, now).filter(|found| found.client == client.id);
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
