//! Changing a password.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::Value;

use super::bearer;
use crate::{
    http::{App, InTenant, JsonBody, Refusal, json as answer},
    rules::{self, Invalid},
};

pub(crate) async fn password(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut world = app.world();
    let body = body.as_declared()?;
    let user = bearer::level_one_user(&world, &tenant?, &headers, now)?.id;
    let password = text(&body, "password")?;
    let weaknesses = rules::password_weaknesses(password);
    if !weaknesses.is_empty() {
        return Err(Refusal::Password("USER_UPDATE_INVALID_PASSWORD", weaknesses));
    }
    world.update_password(user, password, now).ok_or(Refusal::ServerError)?;
    let user = world.user(user).ok_or(Refusal::ServerError)?;
    Ok(answer(StatusCode::OK, &user.claims(&world.user_fields)))
}

/// A member of a body that has to be there.
pub(super) fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    let found = match body {
        Value::Null => Err(Invalid::missing(body)),
        Value::Object(members) => match members.get(name) {
            None => Err(Invalid::missing(body).within(name)),
            Some(value) => value.as_str().ok_or_else(|| Invalid::not_a_string(value).within(name)),
        },
        other => Err(Invalid::not_an_object(other)),
    };
    found.map_err(|one| Refusal::Unprocessable(vec![one.within("body").to_json()]))
}
