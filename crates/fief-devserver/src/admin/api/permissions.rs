//! Permissions.

use axum::{extract::State, http::StatusCode, response::Response};
use uuid::Uuid;

use super::{Id, Input, holds};
use crate::{
    http::{App, JsonBody, Query, Refusal, json},
    world::{Permission, World},
};

pub(crate) async fn list(State(app): State<App>, Query(query): Query) -> Result<Response, Refusal> {
    let world = app.world();
    let all = world.permissions.iter().filter(|(codename, permission)| {
        holds(&query, codename) || holds(&query, &permission.name)
    });
    super::list(&query, all.map(|(codename, permission)| permission.document(codename)))
}

pub(crate) async fn find(State(app): State<App>, Id(id): Id) -> Result<Response, Refusal> {
    let world = app.world();
    let (codename, permission) = by_id(&world, id)?;
    Ok(json(StatusCode::OK, &permission.document(codename)))
}

pub(crate) async fn create(State(app): State<App>, body: JsonBody) -> Result<Response, Refusal> {
    let mut input = Input::parse(&body)?;
    let name: String = input.required("name");
    let codename: String = input.required("codename");
    input.done()?;
    let now = app.now();
    let mut world = app.world();
    if world.permissions.contains_key(&codename) {
        return Err(Refusal::bad_request("PERMISSION_CREATE_CODENAME_ALREADY_EXISTS"));
    }
    let id = world.add_permission(codename, Some(name), now);
    let (codename, permission) = by_id(&world, id)?;
    Ok(json(StatusCode::CREATED, &permission.document(codename)))
}

pub(crate) async fn remove(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Refusal> {
    let mut world = app.world();
    let codename = by_id(&world, id)?.0.to_owned();
    world.remove_permission(&codename);
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) fn by_id(world: &World, id: Uuid) -> Result<(&str, &Permission), Refusal> {
    let mut all = world.permissions.iter();
    let found = all.find(|(_, permission)| permission.id == id);
    found.map(|(codename, permission)| (codename.as_str(), permission)).ok_or(Refusal::NOT_FOUND)
}
