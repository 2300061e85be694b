//! User information (OpenID Connect Core, section 5.3).

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

use crate::{
    http::{App, InTenant, Refusal, json as answer},
    token::{Checked, check},
    world::World,
};

pub(crate) async fn userinfo(
    State(app): State<App>,
    tenant: InTenant,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let world = app.world();
    let bearer = bearer(&world, &tenant, &headers, app.now())?;
    let user = world.user(bearer.subject).ok_or(Refusal::ServerError)?;
    if !user.is_active {
        return Err(Refusal::UNAUTHORIZED);
    }
    Ok(answer(StatusCode::OK, &user.claims(&world.user_fields)))
}

/// What the token in the header says (RFC 6750, section 2.1).
pub(crate) fn bearer(
    world: &World,
    tenant: &InTenant,
    headers: &HeaderMap,
    now: i64,
) -> Result<Checked, Refusal> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = value.and_then(|value| value.split_once(' ')).unwrap_or_default();
    let checked = check(token.trim(), &tenant.of(world).keys, now);
    checked.filter(|_| scheme.eq_ignore_ascii_case("bearer")).ok_or(Refusal::UNAUTHORIZED)
}
