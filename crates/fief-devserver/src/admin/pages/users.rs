//! Users and their permissions.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use uuid::Uuid;

use super::{
    desk::{Desk, NoPage},
    id::Id,
};
use crate::{
    http::{App, Cookies, Form, redirect},
    world::{User, World},
};

const SECTION: &str = "/admin/users";

/// So many are listed, the newest; a page of all that a test may have made helps nobody.
const LISTED: usize = 200;

pub(super) async fn list(State(app): State<App>, cookies: Cookies) -> Response {
    let world = app.world();
    let desk = Desk::new(SECTION, &cookies);
    let users = world.users.iter().rev().take(LISTED).collect();
    desk.shown(StatusCode::OK, &List { desk: &desk, world: &world, users })
}

pub(super) async fn detail(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
) -> Result<Response, NoPage> {
    let world = app.world();
    let user = world.user(id).ok_or(NoPage::NotFound)?;
    let desk = Desk::new(SECTION, &cookies);
    let grantable = world.permissions.keys();
    let grantable = grantable.filter(|codename| !user.permissions.contains_key(*codename));
    let page = Detail {
        desk: &desk,
        user,
        tenant: world.tenant_by_id(user.tenant).map_or("", |tenant| &tenant.name),
        fields: user.fields_in_order(&world.user_fields),
        grantable: grantable.map(String::as_str).collect(),
    };
    Ok(desk.shown(StatusCode::OK, &page))
}

/// Of the permissions there are; a form can't make others up.
pub(super) async fn grant(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    Form(form): Form,
) -> Result<Response, NoPage> {
    Desk::new(SECTION, &cookies).check(&form)?;
    let mut world = app.world();
    let codename = form.find("permission").unwrap_or_default();
    if world.user(id).is_none() || !world.permissions.contains_key(codename) {
        return Err(NoPage::NotFound);
    }
    world.grant(id, codename, app.now());
    Ok(to_detail(id))
}

pub(super) async fn revoke(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    Form(form): Form,
) -> Result<Response, NoPage> {
    Desk::new(SECTION, &cookies).check(&form)?;
    let mut world = app.world();
    if world.user(id).is_none() {
        return Err(NoPage::NotFound);
    }
    world.revoke(id, form.find("permission").unwrap_or_default());
    Ok(to_detail(id))
}

fn to_detail(id: Uuid) -> Response {
    redirect(&format!("/admin/users/{id}"))
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct List<'a> {
    desk: &'a Desk,
    world: &'a World,
    users: Vec<&'a User>,
}

impl List<'_> {
    fn tenant(&self, user: &User) -> &str {
        self.world.tenant_by_id(user.tenant).map_or("", |tenant| &tenant.name)
    }
}

#[derive(Template)]
#[template(path = "admin/user.html")]
struct Detail<'a> {
    desk: &'a Desk,
    user: &'a User,
    tenant: &'a str,
    fields: serde_json::Map<String, serde_json::Value>,
    grantable: Vec<&'a str>,
}
