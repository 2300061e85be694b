//! Tenants.

use axum::{extract::State, http::StatusCode, response::Response};

use super::{Id, holds};
use crate::{
    http::{App, Query, Refusal, json},
    world::Tenant,
};

pub(crate) async fn list(State(app): State<App>, Query(query): Query) -> Result<Response, Refusal> {
    let world = app.world();
    let all = world.tenants().filter(|tenant| holds(&query, &tenant.name));
    super::list(&query, all.map(Tenant::document))
}

pub(crate) async fn find(State(app): State<App>, Id(id): Id) -> Result<Response, Refusal> {
    let world = app.world();
    let tenant = world.tenant_by_id(id).ok_or(Refusal::NOT_FOUND)?;
    Ok(json(StatusCode::OK, &tenant.document()))
}
