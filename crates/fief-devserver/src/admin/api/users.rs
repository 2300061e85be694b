//! Users.

use axum::{body::Bytes, extract::State, http::StatusCode, response::Response};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Id;
use crate::{
    http::{App, Input, Query, Refusal, json},
    manage::directly_issued,
    settings,
    world::World,
};

pub(crate) async fn list(State(app): State<App>, Query(query): Query) -> Result<Response, Refusal> {
    let world = app.world();
    let part = query.find("query").map(str::to_lowercase);
    let email = query.find("email");
    let tenant = query.find("tenant");
    let all = world.users.iter().filter(|user| {
        part.as_ref().is_none_or(|part| user.email.to_lowercase().contains(part))
            && email.is_none_or(|email| user.email.eq_ignore_ascii_case(email))
            && tenant.is_none_or(|tenant| user.tenant.to_string() == tenant)
    });
    super::list(&query, all.map(|user| world.user_document(user)))
}

pub(crate) async fn find(State(app): State<App>, Id(id): Id) -> Result<Response, Refusal> {
    shown(&app.world(), id, StatusCode::OK)
}

pub(crate) async fn create(State(app): State<App>, body: Bytes) -> Result<Response, Refusal> {
    let mut input = Input::parse(&body)?;
    let email: String = input.required("email");
    let password: String = input.required("password");
    let email_verified = input.required("email_verified");
    let tenant = input.required("tenant_id");
    let fields = input.optional("fields").unwrap_or_default();
    input.done()?;
    let now = app.now();
    let mut world = app.world();
    let tenant = world.tenant_by_id(tenant).map(|tenant| tenant.slug.clone());
    let tenant = tenant.ok_or(Refusal::bad_request("USER_CREATE_UNKNOWN_TENANT"))?;
    let mut user = settings::User::new(email, password).tenant(tenant);
    user.email_verified = email_verified;
    user.fields = known(&world, fields);
    let id = world.add_user(user, now);
    let id = id.map_err(|_| Refusal::bad_request("USER_CREATE_ALREADY_EXISTS"))?;
    shown(&world, id, StatusCode::CREATED)
}

pub(crate) async fn update(
    State(app): State<App>,
    Id(id): Id,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut input = Input::parse(&body)?;
    let email: Option<String> = input.optional("email");
    let email_verified = input.optional("email_verified");
    let password = input.optional("password");
    let fields = input.optional("fields").unwrap_or_default();
    input.done()?;
    let now = app.now();
    let mut world = app.world();
    let tenant = world.user(id).ok_or(Refusal::NOT_FOUND)?.tenant;
    let owner = email.as_ref().and_then(|email| world.user_by_email(tenant, email));
    if owner.is_some_and(|owner| owner.id != id) {
        return Err(Refusal::bad_request("USER_UPDATE_EMAIL_ALREADY_EXISTS"));
    }
    let fields = known(&world, fields);
    world.update_user(id, now, |user| {
        user.email = email.unwrap_or_else(|| std::mem::take(&mut user.email));
        user.email_verified = email_verified.unwrap_or(user.email_verified);
        user.password = password.unwrap_or_else(|| std::mem::take(&mut user.password));
        user.fields.extend(fields);
    });
    shown(&world, id, StatusCode::OK)
}

pub(crate) async fn remove(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Refusal> {
    app.world().remove_user(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn access_token(
    State(app): State<App>,
    Id(id): Id,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut input = Input::parse(&body)?;
    let client = input.required("client_id");
    let scope: Vec<String> = input.required("scopes");
    input.done()?;
    let world = app.world();
    let user = world.user(id).ok_or(Refusal::NOT_FOUND)?;
    let client = world.client_by_id(client).filter(|client| client.tenant == user.tenant);
    let client = client.ok_or(Refusal::bad_request("USER_CREATE_ACCESS_TOKEN_UNKNOWN_CLIENT"))?;
    let token = directly_issued(&app, &world, client, user, &scope);
    let answer = serde_json::json!({
        "access_token": token.ok_or(Refusal::ServerError)?,
        "token_type": "bearer",
        "expires_in": client.lifetimes.token,
    });
    Ok(json(StatusCode::OK, &answer))
}

fn shown(world: &World, id: Uuid, status: StatusCode) -> Result<Response, Refusal> {
    let user = world.user(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(json(status, &world.user_document(user)))
}

/// Those fields that are defined and not null; others are ignored.
fn known(world: &World, mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|slug, value| {
        !value.is_null() && world.user_fields.iter().any(|field| field.slug == *slug)
    });
    fields
}
