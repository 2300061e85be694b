//! Clients.

use axum::{extract::State, http::StatusCode, response::Response};
use uuid::Uuid;

use super::input::{Input, RedirectUris, list as answer_list, matches, uuid};
use crate::{
    admin::path::Id,
    http::{
        answer::{Refusal, json},
        app::App,
        input::{JsonBody, Query},
    },
    random::random_string,
    settings::client::Client,
    store::Store,
    tokens::encryption::generate_encryption_key,
};

pub(super) async fn list(State(app): State<App>, Query(query): Query) -> Result<Response, Refusal> {
    let store = app.store();
    let tenant = uuid(&query, "tenant")?;
    let all = store.clients.iter().filter(|client| {
        matches(&query, &client.name) && tenant.is_none_or(|tenant| client.tenant == tenant)
    });
    answer_list(&query, all.map(|client| store.client_document(client)))
}

pub(super) async fn find(State(app): State<App>, Id(id): Id) -> Result<Response, Refusal> {
    shown(&app.store(), id, StatusCode::OK)
}

pub(super) async fn create(State(app): State<App>, body: JsonBody) -> Result<Response, Refusal> {
    let mut input = Input::parse(body.as_declared()?)?;
    let mut client = Client::confidential(random_string(), random_string())
        .name(input.required::<String>("name"));
    client.first_party = input.required("first_party");
    client.client_type = input.required("client_type");
    client.redirect_uris = input.required::<RedirectUris>("redirect_uris").0;
    for (name, lifetime) in [
        (CODE_LIFETIME, &mut client.authorization_code_lifetime_seconds),
        (TOKEN_LIFETIME, &mut client.access_id_token_lifetime_seconds),
        (REFRESH_LIFETIME, &mut client.refresh_token_lifetime_seconds),
    ] {
        *lifetime = input.optional(name).unwrap_or(*lifetime);
    }
    let tenant = input.required("tenant_id");
    input.done()?;
    let now = app.now();
    let mut store = app.store();
    let tenant = store.tenant_by_id(tenant).map(|tenant| tenant.slug.clone());
    client.tenant = Some(tenant.ok_or(Refusal::bad_request("CLIENT_CREATE_UNKNOWN_TENANT"))?);
    let id = store.add_client(client, now).map_err(|_| Refusal::ServerError)?;
    shown(&store, id, StatusCode::CREATED)
}

pub(super) async fn update(
    State(app): State<App>,
    Id(id): Id,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let mut input = Input::parse(body.as_declared()?)?;
    let name: Option<String> = input.optional("name");
    let first_party = input.optional("first_party");
    let client_type = input.optional("client_type");
    let redirect_uris = input.optional::<RedirectUris>("redirect_uris");
    let lifetimes =
        [CODE_LIFETIME, TOKEN_LIFETIME, REFRESH_LIFETIME].map(|name| input.optional(name));
    input.done()?;
    let now = app.now();
    let mut store = app.store();
    let updated = store.update_client(id, now, |client| {
        client.name = name.unwrap_or_else(|| std::mem::take(&mut client.name));
        client.first_party = first_party.unwrap_or(client.first_party);
        client.client_type = client_type.unwrap_or(client.client_type);
        if let Some(RedirectUris(uris)) = redirect_uris {
            client.redirect_uris = uris;
        }
        let [code, token, refresh] = lifetimes;
        client.lifetimes.code = code.unwrap_or(client.lifetimes.code);
        client.lifetimes.token = token.unwrap_or(client.lifetimes.token);
        client.lifetimes.refresh = refresh.unwrap_or(client.lifetimes.refresh);
    });
    updated.ok_or(Refusal::NOT_FOUND)?;
    shown(&store, id, StatusCode::OK)
}

pub(super) async fn remove(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Refusal> {
    app.store().remove_client(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new key for encrypted ID tokens. Its private half is shown only in this answer.
pub(super) async fn encryption_key(
    State(app): State<App>,
    Id(id): Id,
) -> Result<Response, Refusal> {
    let bits = {
        let store = app.store();
        store.client_by_id(id).ok_or(Refusal::NOT_FOUND)?;
        store.key_bits
    };
    // It takes a while.
    let key = tokio::task::spawn_blocking(move || generate_encryption_key(bits)).await;
    let key = key.ok().and_then(Result::ok).ok_or(Refusal::ServerError)?;
    let now = app.now();
    let updated = app.store().update_client(id, now, |client| {
        client.encryption_key = Some(key.clone());
    });
    updated.ok_or(Refusal::NOT_FOUND)?;
    Ok(json(StatusCode::CREATED, &key))
}

const CODE_LIFETIME: &str = "authorization_code_lifetime_seconds";
const TOKEN_LIFETIME: &str = "access_id_token_lifetime_seconds";
const REFRESH_LIFETIME: &str = "refresh_token_lifetime_seconds";

fn shown(store: &Store, id: Uuid, status: StatusCode) -> Result<Response, Refusal> {
    let client = store.client_by_id(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(json(status, &store.client_document(client)))
}
