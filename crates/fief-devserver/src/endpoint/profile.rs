//! Changing the fields of a user.

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
    world::World,
};

/// Unlike elsewhere the body is looked at before the token.
pub(crate) async fn profile(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut world = app.world();
    let body = body.as_json()?;
    let fields = read(&world, &body).map_err(|all| {
        let shown = all.into_iter().map(|one| one.within("body").to_json_with_url());
        Refusal::Unprocessable(shown.collect())
    })?;
    let user = bearer::user(&world, &tenant?, &headers, now)?.id;
    let claims = world.update_fields(user, fields, now).ok_or(Refusal::ServerError)?;
    Ok(answer(StatusCode::OK, &claims))
}

/// None where the body has none.
fn read(
    world: &World,
    body: &Value,
) -> Result<Option<serde_json::Map<String, Value>>, Vec<Invalid>> {
    let Some(body) = body.as_object() else { return Err(vec![Invalid::not_an_object(body)]) };
    let Some(given) = body.get("fields").filter(|given| !given.is_null()) else { return Ok(None) };
    let asked = world.user_fields.iter().filter(|field| field.at_update);
    let read = rules::read_fields(asked, given);
    read.map(Some).map_err(|all| all.into_iter().map(|one| one.within("fields")).collect())
}
