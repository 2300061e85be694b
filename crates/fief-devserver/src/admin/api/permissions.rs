//! Permissions and tenants.

use axum::{extract::State, http::StatusCode, response::Response};

use super::input::{Input, list as answer_list, matches};
use crate::{
    admin::path::Id,
    http::{
        answer::{Refusal, json},
        app::App,
        input::{JsonBody, Query},
    },
    store::Tenant,
};

pub(super) async fn list(State(app): State<App>, Query(query): Query) -> Result<Response, Refusal> {
    let store = app.store();
    let all = store.permissions.iter().filter(|(codename, permission)| {
        matches(&query, codename) || matches(&query, &permission.name)
    });
    answer_list(&query, all.map(|(codename, permission)| permission.document(codename)))
}

pub(super) async fn find(State(app): State<App>, Id(id): Id) -> Result<Response, Refusal> {
    let store = app.store();
    let (codename, permission) = store.permission_by_id(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(json(StatusCode::OK, &permission.document(codename)))
}

pub(super) async fn create(State(app): State<App>, body: JsonBody) -> Result<Response, Refusal> {
    let mut input = Input::parse(body.as_declared()?)?;
    let name: String = input.required("name");
    let codename: String = input.required("codename");
    input.done()?;
    let now = app.now();
    let mut store = app.store();
    if store.permissions.contains_key(&codename) {
        return Err(Refusal::bad_request("PERMISSION_CREATE_CODENAME_ALREADY_EXISTS"));
    }
    let id = store.add_permission(codename, Some(name), now);
    let (codename, permission) = store.permission_by_id(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(json(StatusCode::CREATED, &permission.document(codename)))
}

pub(super) async fn remove(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Refusal> {
    let mut store = app.store();
    let codename = store.permission_by_id(id).ok_or(Refusal::NOT_FOUND)?.0.to_owned();
    store.remove_permission(&codename);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn tenants(
    State(app): State<App>,
    Query(query): Query,
) -> Result<Response, Refusal> {
    let store = app.store();
    let all = store.tenants().filter(|tenant| matches(&query, &tenant.name));
    answer_list(&query, all.map(Tenant::document))
}

pub(super) async fn tenant(State(app): State<App>, Id(id): Id) -> Result<Response, Refusal> {
    let store = app.store();
    let tenant = store.tenant_by_id(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(json(StatusCode::OK, &tenant.document()))
}
