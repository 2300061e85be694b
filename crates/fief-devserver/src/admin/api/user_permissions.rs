//! The permissions of a user.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::Value;

use super::{Id, Ids, Input, permissions};
use crate::http::{App, JsonBody, Query, Refusal, json};

pub(crate) async fn list(
    State(app): State<App>,
    Id(id): Id,
    Query(query): Query,
) -> Result<Response, Refusal> {
    let world = app.world();
    let user = world.user(id).ok_or(Refusal::NOT_FOUND)?;
    let all = user.permissions.keys();
    super::list(&query, all.filter_map(|codename| world.user_permission_document(user, codename)))
}

pub(crate) async fn grant(
    State(app): State<App>,
    Id(id): Id,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let mut input = Input::parse(&body)?;
    let permission = input.required("id");
    input.done()?;
    let now = app.now();
    let mut world = app.world();
    world.user(id).ok_or(Refusal::NOT_FOUND)?;
    let codename = permissions::by_id(&world, permission).map(|(codename, _)| codename.to_owned());
    let codename = codename
        .map_err(|_| Refusal::bad_request("USER_PERMISSION_CREATE_NOT_EXISTING_PERMISSION"))?;
    if !world.grant(id, &codename, now) {
        return Err(Refusal::bad_request("USER_PERMISSION_CREATE_ALREADY_ADDED_PERMISSION"));
    }
    Ok(json(StatusCode::CREATED, &Value::Null))
}

pub(crate) async fn revoke(
    State(app): State<App>,
    Ids(user, permission): Ids,
) -> Result<StatusCode, Refusal> {
    let mut world = app.world();
    let codename = permissions::by_id(&world, permission)?.0.to_owned();
    if !world.revoke(user, &codename) {
        return Err(Refusal::NOT_FOUND);
    }
    Ok(StatusCode::NO_CONTENT)
}
