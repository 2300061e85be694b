//! User information (OpenID Connect Core, section 5.3), and the user of a request's bearer token
//! (RFC 6750, section 2.1).

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

use crate::{
    http::{
        answer::{Refusal, json as answer},
        app::App,
        host::InTenant,
    },
    store::{Store, User},
    tokens::claims::check,
};

pub(crate) async fn userinfo(
    State(app): State<App>,
    tenant: InTenant,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let store = app.store();
    let user = user_of_token(&store, &tenant, &headers, app.now())?;
    Ok(answer(StatusCode::OK, &user.claims(&store.user_fields)))
}

/// The user of the token in the header.
pub(crate) fn user_of_token<'a>(
    store: &'a Store,
    tenant: &InTenant,
    headers: &HeaderMap,
    now: i64,
) -> Result<&'a User, Refusal> {
    signed_in(store, tenant, headers, now).map(|(user, _)| user)
}

/// The user of the token in the header, if the token is of level 1.
pub(crate) fn level_one_user<'a>(
    store: &'a Store,
    tenant: &InTenant,
    headers: &HeaderMap,
    now: i64,
) -> Result<&'a User, Refusal> {
    match signed_in(store, tenant, headers, now)? {
        (user, true) => Ok(user),
        (_, false) => Err(Refusal::ACR_TOO_LOW),
    }
}

fn signed_in<'a>(
    store: &'a Store,
    tenant: &InTenant,
    headers: &HeaderMap,
    now: i64,
) -> Result<(&'a User, bool), Refusal> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = value.and_then(|value| value.split_once(' ')).unwrap_or_default();
    let checked = check(token, &tenant.of(store).keys, now);
    let checked = checked.filter(|_| scheme.eq_ignore_ascii_case("bearer"));
    let checked = checked.ok_or(Refusal::UNAUTHORIZED)?;
    // The real server fails for a user who was removed.
    let user = store.user(checked.subject).filter(|user| user.tenant == tenant.id());
    let user = user.ok_or(Refusal::ServerError)?;
    if !user.is_active {
        return Err(Refusal::UNAUTHORIZED);
    }
    Ok((user, checked.is_level_one))
}
