//! Changing an email address: to one at which a mailed code is received.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::json;

use super::{bearer, password::text};
use crate::{
    http::{App, InTenant, JsonBody, Refusal, json as answer},
    rules::{self, Invalid},
};

pub(crate) async fn change(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let mut world = app.world();
    let body = body.as_declared()?;
    let user = bearer::level_one_user(&world, &tenant?, &headers, app.now())?;
    let given = text(&body, "email")?;
    let email = rules::normalized_email(given).map_err(|reason| {
        let message = format!("value is not a valid email address: {reason}");
        let invalid = Invalid::new("value_error", message, &json!(given));
        let invalid = invalid.context("reason", reason).within("email").within("body");
        Refusal::Unprocessable(vec![invalid.to_json()])
    })?;
    if user.email != email && world.user_by_email(user.tenant, &email).is_some() {
        return Err(Refusal::EMAIL_TAKEN);
    }
    let (id, claims) = (user.id, user.claims(&world.user_fields));
    app.mail_code(&mut world, id, &email);
    Ok(answer(StatusCode::ACCEPTED, &claims))
}

pub(crate) async fn verify(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut world = app.world();
    let body = body.as_declared()?;
    let user = bearer::level_one_user(&world, &tenant?, &headers, now)?.id;
    let code = text(&body, "code")?;
    world.verify_email(user, code, now).ok_or(Refusal::WRONG_EMAIL_CODE)?;
    let user = world.user(user).ok_or(Refusal::ServerError)?;
    Ok(answer(StatusCode::OK, &user.claims(&world.user_fields)))
}
