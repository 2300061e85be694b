//! Users and their permissions.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::input::{Email, Input, list as answer_list, matches, uuid};
use crate::{
    admin::path::Id,
    http::{
        answer::{Refusal, json},
        app::App,
        input::{JsonBody, Query},
    },
    oidc::issue::direct_access_token,
    rules::credentials::password_weaknesses,
    settings::user::User,
    store::Store,
};

pub(super) async fn list(State(app): State<App>, Query(query): Query) -> Result<Response, Refusal> {
    let store = app.store();
    let email = query.find("email");
    let tenant = uuid(&query, "tenant")?;
    let all = store.users.iter().filter(|user| {
        matches(&query, &user.email)
            && email.is_none_or(|email| user.email.eq_ignore_ascii_case(email))
            && tenant.is_none_or(|tenant| user.tenant == tenant)
    });
    answer_list(&query, all.map(|user| store.user_document(user)))
}

pub(super) async fn find(State(app): State<App>, Id(id): Id) -> Result<Response, Refusal> {
    shown(&app.store(), id, StatusCode::OK)
}

pub(super) async fn create(State(app): State<App>, body: JsonBody) -> Result<Response, Refusal> {
    let mut input = Input::parse(body.as_json()?)?;
    let now = app.now();
    let mut store = app.store();
    let Email(email) = input.required("email");
    let password: String = input.required("password");
    let fields = input.fields(&store.user_fields);
    let email_verified = input.required("email_verified");
    let tenant = input.required("tenant_id");
    input.done()?;
    let tenant = store.tenant_by_id(tenant).map(|tenant| tenant.slug.clone());
    let tenant = tenant.ok_or(Refusal::bad_request("USER_CREATE_UNKNOWN_TENANT"))?;
    strong(&password, "USER_CREATE_INVALID_PASSWORD")?;
    let mut user = User::new(email, password).tenant(tenant);
    user.email_verified = email_verified;
    user.fields = fields;
    let id = store.add_user(user, now);
    let id = id.map_err(|_| Refusal::bad_request("USER_CREATE_ALREADY_EXISTS"))?;
    shown(&store, id, StatusCode::CREATED)
}

pub(super) async fn update(
    State(app): State<App>,
    Id(id): Id,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let mut input = Input::parse(body.as_json()?)?;
    let now = app.now();
    let mut store = app.store();
    let fields = input.fields(&store.user_fields);
    let email = input.optional("email").map(|Email(email)| email);
    let email_verified = input.optional("email_verified");
    let password: Option<String> = input.optional("password");
    input.done()?;
    let tenant = store.user(id).ok_or(Refusal::NOT_FOUND)?.tenant;
    let owner = email.as_ref().and_then(|email| store.user_by_email(tenant, email));
    if owner.is_some_and(|owner| owner.id != id) {
        return Err(Refusal::bad_request("USER_UPDATE_EMAIL_ALREADY_EXISTS"));
    }
    if let Some(password) = &password {
        strong(password, "USER_UPDATE_INVALID_PASSWORD")?;
    }
    store.update_user(id, now, |user| {
        user.email = email.unwrap_or_else(|| std::mem::take(&mut user.email));
        user.email_verified = email_verified.unwrap_or(user.email_verified);
        user.password = password.unwrap_or_else(|| std::mem::take(&mut user.password));
        user.fields.extend(fields);
    });
    shown(&store, id, StatusCode::OK)
}

pub(super) async fn remove(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Refusal> {
    app.store().remove_user(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn access_token(
    State(app): State<App>,
    Id(id): Id,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let mut input = Input::parse(body.as_declared()?)?;
    let client = input.required("client_id");
    let scope: Vec<String> = input.required("scopes");
    input.done()?;
    let store = app.store();
    let user = store.user(id).ok_or(Refusal::NOT_FOUND)?;
    let client = store.client_by_id(client).filter(|client| client.tenant == user.tenant);
    let client = client.ok_or(Refusal::bad_request("USER_CREATE_ACCESS_TOKEN_UNKNOWN_CLIENT"))?;
    let token = direct_access_token(&app, &store, client, user, &scope, Map::new());
    let answer = serde_json::json!({
        "access_token": token.ok_or(Refusal::ServerError)?,
        "token_type": "bearer",
        "expires_in": client.lifetimes.token,
    });
    Ok(json(StatusCode::OK, &answer))
}

pub(super) async fn permissions(
    State(app): State<App>,
    Id(id): Id,
    Query(query): Query,
) -> Result<Response, Refusal> {
    let store = app.store();
    let user = store.user(id).ok_or(Refusal::NOT_FOUND)?;
    let all = user.permissions.keys();
    answer_list(&query, all.filter_map(|codename| store.user_permission_document(user, codename)))
}

pub(super) async fn grant(
    State(app): State<App>,
    Id(id): Id,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let mut input = Input::parse(body.as_declared()?)?;
    let permission = input.required("id");
    input.done()?;
    let now = app.now();
    let mut store = app.store();
    store.user(id).ok_or(Refusal::NOT_FOUND)?;
    let codename = store.permission_by_id(permission).map(|(codename, _)| codename.to_owned());
    let codename =
        codename.ok_or(Refusal::bad_request("USER_PERMISSION_CREATE_NOT_EXISTING_PERMISSION"))?;
    if !store.grant(id, &codename, now) {
        return Err(Refusal::bad_request("USER_PERMISSION_CREATE_ALREADY_ADDED_PERMISSION"));
    }
    Ok(json(StatusCode::CREATED, &Value::Null))
}

pub(super) async fn revoke(
    State(app): State<App>,
    Id((user, permission)): Id<(Uuid, Uuid)>,
) -> Result<StatusCode, Refusal> {
    let mut store = app.store();
    let codename = store.permission_by_id(permission).ok_or(Refusal::NOT_FOUND)?.0.to_owned();
    if !store.revoke(user, &codename) {
        return Err(Refusal::NOT_FOUND);
    }
    Ok(StatusCode::NO_CONTENT)
}

fn shown(store: &Store, id: Uuid, status: StatusCode) -> Result<Response, Refusal> {
    let user = store.user(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(json(status, &store.user_document(user)))
}

/// Refuses a weak password, with this code.
fn strong(password: &str, code: &'static str) -> Result<(), Refusal> {
    let weaknesses = password_weaknesses(password);
    if weaknesses.is_empty() { Ok(()) } else { Err(Refusal::Password(code, weaknesses)) }
}
