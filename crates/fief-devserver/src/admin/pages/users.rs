//! Users, their permissions, and new ones.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::desk::{Desk, Refused};
use crate::{
    admin::path::Id,
    http::{
        answer::{Refusal, redirect},
        app::App,
        cookies::Cookies,
        input::{Form, Parameters},
    },
    rules::credentials::normalized_email,
    settings,
    store::{Store, User},
};

const SECTION: &str = "/admin/users";

/// How many users are listed, the newest: a test may have made thousands.
const LISTED: usize = 200;

pub(super) async fn list(State(app): State<App>, cookies: Cookies) -> Response {
    let desk = Desk::new(SECTION, &cookies);
    listed(&desk, &app.store(), &Parameters::default(), None)
}

pub(super) async fn add(
    State(app): State<App>,
    cookies: Cookies,
    Form(form): Form,
) -> Result<Response, Refusal> {
    let desk = Desk::new(SECTION, &cookies);
    desk.check(&form)?;
    let mut store = app.store();
    let (email, password) = (form.trimmed("email"), form.find("password").unwrap_or_default());
    let refused = match normalized_email(email) {
        None => Some(("email", "Mail can't be sent to this address.")),
        Some(_) if password.is_empty() => Some(("password", "A user needs a password.")),
        Some(email) => {
            let user = settings::user::User::new(email, password).tenant(form.trimmed("tenant"));
            match store.add_user(user, app.now()) {
                Ok(id) => return Ok(to_detail(id)),
                Err(_) => Some(("email", "A user with this email address already exists.")),
            }
        }
    };
    let refused = refused.map(|(input, why)| Refused { input, why });
    Ok(listed(&desk, &store, &form, refused))
}

pub(super) async fn detail(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
) -> Result<Response, Refusal> {
    let store = app.store();
    let user = store.user(id).ok_or(Refusal::NOT_FOUND)?;
    let desk = Desk::new(SECTION, &cookies);
    let grantable = store.permissions.keys();
    let grantable = grantable.filter(|codename| !user.permissions.contains_key(*codename));
    let page = Detail {
        desk: &desk,
        user,
        tenant: store.tenant_by_id(user.tenant).map_or("", |tenant| &tenant.name),
        fields: user.fields_in_order(&store.user_fields),
        grantable: grantable.map(String::as_str).collect(),
    };
    Ok(desk.shown(StatusCode::OK, &page))
}

/// Grants one of the existing permissions; a form can't create others.
pub(super) async fn grant(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    Form(form): Form,
) -> Result<Response, Refusal> {
    Desk::new(SECTION, &cookies).check(&form)?;
    let mut store = app.store();
    let codename = form.find("permission").unwrap_or_default();
    if store.user(id).is_none() || !store.permissions.contains_key(codename) {
        return Err(Refusal::NOT_FOUND);
    }
    store.grant(id, codename, app.now());
    Ok(to_detail(id))
}

pub(super) async fn revoke(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    Form(form): Form,
) -> Result<Response, Refusal> {
    Desk::new(SECTION, &cookies).check(&form)?;
    let mut store = app.store();
    store.user(id).ok_or(Refusal::NOT_FOUND)?;
    store.revoke(id, form.find("permission").unwrap_or_default());
    Ok(to_detail(id))
}

fn listed(desk: &Desk, store: &Store, form: &Parameters, refused: Option<Refused>) -> Response {
    let users = store.users.iter().rev().take(LISTED).collect();
    let status = Refused::status(refused.as_ref());
    desk.shown(status, &List { desk, store, users, form, refused })
}

fn to_detail(id: Uuid) -> Response {
    redirect(&format!("/admin/users/{id}"))
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct List<'a> {
    desk: &'a Desk,
    store: &'a Store,
    users: Vec<&'a User>,
    form: &'a Parameters,
    refused: Option<Refused>,
}

impl List<'_> {
    fn tenant(&self, user: &User) -> &str {
        self.store.tenant_by_id(user.tenant).map_or("", |tenant| &tenant.name)
    }

    fn problem(&self, input: &str) -> Option<&'static str> {
        Refused::of(self.refused.as_ref(), input)
    }
}

#[derive(Template)]
#[template(path = "admin/user.html")]
struct Detail<'a> {
    desk: &'a Desk,
    user: &'a User,
    tenant: &'a str,
    fields: Map<String, Value>,
    grantable: Vec<&'a str>,
}
