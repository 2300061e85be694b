//! Whose token comes with a request (RFC 6750, section 2.1).

use axum::http::{HeaderMap, header};

use crate::{
    http::{InTenant, Refusal},
    token::check,
    world::{User, World},
};

/// The user of the token in the header.
pub(super) fn user<'a>(
    world: &'a World,
    tenant: &InTenant,
    headers: &HeaderMap,
    now: i64,
) -> Result<&'a User, Refusal> {
    signed_in(world, tenant, headers, now).map(|(user, _)| user)
}

/// The user of the token in the header, if a password was given for it.
pub(super) fn level_one_user<'a>(
    world: &'a World,
    tenant: &InTenant,
    headers: &HeaderMap,
    now: i64,
) -> Result<&'a User, Refusal> {
    match signed_in(world, tenant, headers, now)? {
        (user, true) => Ok(user),
        (_, false) => Err(Refusal::ACR_TOO_LOW),
    }
}

fn signed_in<'a>(
    world: &'a World,
    tenant: &InTenant,
    headers: &HeaderMap,
    now: i64,
) -> Result<(&'a User, bool), Refusal> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = value.and_then(|value| value.split_once(' ')).unwrap_or_default();
    let checked = check(token, &tenant.of(world).keys, now);
    let checked = checked.filter(|_| scheme.eq_ignore_ascii_case("bearer"));
    let checked = checked.ok_or(Refusal::UNAUTHORIZED)?;
    // The real server fails on a user who is gone.
    let user = world.user(checked.subject).filter(|user| user.tenant == tenant.id());
    let user = user.ok_or(Refusal::ServerError)?;
    if !user.is_active {
        return Err(Refusal::UNAUTHORIZED);
    }
    Ok((user, checked.is_level_one))
}
