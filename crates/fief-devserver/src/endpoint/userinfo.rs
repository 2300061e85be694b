//! User information (OpenID Connect Core, section 5.3).

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::bearer;
use crate::http::{App, InTenant, Refusal, json as answer};

pub(crate) async fn userinfo(
    State(app): State<App>,
    tenant: InTenant,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let world = app.world();
    let user = bearer::user(&world, &tenant, &headers, app.now())?;
    Ok(answer(StatusCode::OK, &user.claims(&world.user_fields)))
}
