//! Users.

use axum::{extract::State, http::StatusCode, response::Response};
use uuid::Uuid;

use super::{Email, Id, Input, holds, uuid};
use crate::{
    http::{App, JsonBody, Query, Refusal, json},
    manage::directly_issued,
    rules, settings,
    world::World,
};

pub(crate) async fn list(State(app): State<App>, Query(query): Query) -> Result<Response, Refusal> {
    let world = app.world();
    let email = query.find("email");
    let tenant = uuid(&query, "tenant")?;
    let all = world.users.iter().filter(|user| {
        holds(&query, &user.email)
            && email.is_none_or(|email| user.email.eq_ignore_ascii_case(email))
            && tenant.is_none_or(|tenant| user.tenant == tenant)
    });
    super::list(&query, all.map(|user| world.user_document(user)))
}

pub(crate) async fn find(State(app): State<App>, Id(id): Id) -> Result<Response, Refusal> {
    shown(&app.world(), id, StatusCode::OK)
}

pub(crate) async fn create(State(app): State<App>, body: JsonBody) -> Result<Response, Refusal> {
    let mut input = Input::parse_user(&body)?;
    let now = app.now();
    let mut world = app.world();
    let Email(email) = input.required("email");
    let password: String = input.required("password");
    let fields = input.fields(&world.user_fields);
    let email_verified = input.required("email_verified");
    let tenant = input.required("tenant_id");
    input.done()?;
    let tenant = world.tenant_by_id(tenant).map(|tenant| tenant.slug.clone());
    let tenant = tenant.ok_or(Refusal::bad_request("USER_CREATE_UNKNOWN_TENANT"))?;
    strong(&password, "USER_CREATE_INVALID_PASSWORD")?;
    let mut user = settings::User::new(email, password).tenant(tenant);
    user.email_verified = email_verified;
    user.fields = fields;
    let id = world.add_user(user, now);
    let id = id.map_err(|_| Refusal::bad_request("USER_CREATE_ALREADY_EXISTS"))?;
    shown(&world, id, StatusCode::CREATED)
}

pub(crate) async fn update(
    State(app): State<App>,
    Id(id): Id,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let mut input = Input::parse_user(&body)?;
    let now = app.now();
    let mut world = app.world();
    let fields = input.fields(&world.user_fields);
    let email = input.optional("email").map(|Email(email)| email);
    let email_verified = input.optional("email_verified");
    let password: Option<String> = input.optional("password");
    input.done()?;
    let tenant = world.user(id).ok_or(Refusal::NOT_FOUND)?.tenant;
    let owner = email.as_ref().and_then(|email| world.user_by_email(tenant, email));
    if owner.is_some_and(|owner| owner.id != id) {
        return Err(Refusal::bad_request("USER_UPDATE_EMAIL_ALREADY_EXISTS"));
    }
    if let Some(password) = &password {
        strong(password, "USER_UPDATE_INVALID_PASSWORD")?;
    }
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
    body: JsonBody,
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

/// Refuses a password that is too weak, with that code.
fn strong(password: &str, code: &'static str) -> Result<(), Refusal> {
    let weaknesses = rules::password_weaknesses(password);
    if weaknesses.is_empty() { Ok(()) } else { Err(Refusal::Password(code, weaknesses)) }
}
