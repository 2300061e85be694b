//! What users change about themselves with a token: fields, password, email address.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::{Map, Value};

use crate::{
    http::{
        answer::{Refusal, json as answer},
        app::App,
        host::InTenant,
        input::JsonBody,
    },
    oidc::userinfo::{level_one_user, user_of_token},
    rules::{
        Invalid,
        credentials::{self, password_weaknesses},
        field::read_fields,
    },
    store::Store,
};

/// Unlike elsewhere, the body is checked before the token, as by the real server.
pub(crate) async fn profile(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut store = app.store();
    let body = body.as_json()?;
    let fields = given_fields(&store, &body).map_err(|all| {
        Refusal::Unprocessable(all.into_iter().map(|one| one.within("body")).collect())
    })?;
    let user = user_of_token(&store, &tenant?, &headers, now)?.id;
    let claims = store.update_fields(user, fields, now).ok_or(Refusal::ServerError)?;
    Ok(answer(StatusCode::OK, &claims))
}

/// The fields in the body; none if it has none.
fn given_fields(store: &Store, body: &Value) -> Result<Option<Map<String, Value>>, Vec<Invalid>> {
    let Some(body) = body.as_object() else { return Err(vec![Invalid::not_an_object(body)]) };
    let Some(given) = body.get("fields").filter(|given| !given.is_null()) else { return Ok(None) };
    let asked = store.user_fields.iter().filter(|field| field.at_update);
    let read = read_fields(asked, given);
    read.map(Some).map_err(|all| all.into_iter().map(|one| one.within("fields")).collect())
}

pub(crate) async fn password(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut store = app.store();
    let body = body.as_declared()?;
    let user = level_one_user(&store, &tenant?, &headers, now)?.id;
    let password = string(&body, "password")?;
    let weaknesses = password_weaknesses(password);
    if !weaknesses.is_empty() {
        return Err(Refusal::Password("USER_UPDATE_INVALID_PASSWORD", weaknesses));
    }
    store.update_password(user, password, now).ok_or(Refusal::ServerError)?;
    let user = store.user(user).ok_or(Refusal::ServerError)?;
    Ok(answer(StatusCode::OK, &user.claims(&store.user_fields)))
}

pub(crate) async fn change_email(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let mut store = app.store();
    let body = body.as_declared()?;
    let user = level_one_user(&store, &tenant?, &headers, app.now())?;
    let email = credentials::email(member(&body, "email")?)
        .map_err(|invalid| Refusal::invalid(invalid.within("email").within("body")))?;
    if user.email != email && store.user_by_email(user.tenant, &email).is_some() {
        return Err(Refusal::EMAIL_IN_USE);
    }
    let (id, claims) = (user.id, user.claims(&store.user_fields));
    app.mail_code(&mut store, id, &email);
    Ok(answer(StatusCode::ACCEPTED, &claims))
}

pub(crate) async fn verify_email(
    State(app): State<App>,
    tenant: Result<InTenant, Refusal>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut store = app.store();
    let body = body.as_declared()?;
    let user = level_one_user(&store, &tenant?, &headers, now)?.id;
    let code = string(&body, "code")?;
    store.verify_email(user, code, now).ok_or(Refusal::WRONG_EMAIL_CODE)?;
    let user = store.user(user).ok_or(Refusal::ServerError)?;
    Ok(answer(StatusCode::OK, &user.claims(&store.user_fields)))
}

/// A string in a body that has to be there.
fn string<'a>(body: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    let value = member(body, name)?;
    let invalid = || Invalid::not_a_string(value).within(name).within("body");
    value.as_str().ok_or_else(|| Refusal::invalid(invalid()))
}

/// A member of a body that has to be there.
fn member<'a>(body: &'a Value, name: &str) -> Result<&'a Value, Refusal> {
    let invalid = match body {
        Value::Null => Invalid::missing(body),
        Value::Object(members) => match members.get(name) {
            Some(value) => return Ok(value),
            None => Invalid::missing(body).within(name),
        },
        other => Invalid::not_an_object(other),
    };
    Err(Refusal::invalid(invalid.within("body")))
}
