//! Clients: their secrets to copy, and their redirect URIs.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use uuid::Uuid;

use super::{
    desk::{Desk, NoPage},
    id::Id,
};
use crate::{
    http::{App, Cookies, Form, Host, redirect},
    settings::ClientType,
    world::{Client, RedirectUriError, Tenant, World},
};

const SECTION: &str = "/admin/";

pub(super) async fn list(State(app): State<App>, cookies: Cookies) -> Response {
    let world = app.world();
    let desk = Desk::new(SECTION, &cookies);
    desk.shown(StatusCode::OK, &List { desk: &desk, world: &world })
}

pub(super) async fn detail(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    host: Host,
) -> Result<Response, NoPage> {
    let desk = Desk::new(SECTION, &cookies);
    shown(&desk, &app.world(), id, &host, None)
}

pub(super) async fn add_redirect_uri(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    host: Host,
    Form(form): Form,
) -> Result<Response, NoPage> {
    let desk = Desk::new(SECTION, &cookies);
    desk.check(&form)?;
    let mut world = app.world();
    let uri = form.find("redirect_uri").unwrap_or_default().trim();
    match world.add_redirect_uri(id, uri, app.now()) {
        Ok(Some(())) => Ok(to_detail(id)),
        Ok(None) => Err(NoPage::NotFound),
        Err(error) => shown(&desk, &world, id, &host, Some(Refused { uri, error })),
    }
}

pub(super) async fn remove_redirect_uri(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    Form(form): Form,
) -> Result<Response, NoPage> {
    Desk::new(SECTION, &cookies).check(&form)?;
    let uri = form.find("redirect_uri").unwrap_or_default();
    let removed = app.world().remove_redirect_uri(id, uri, app.now());
    removed.map(|()| to_detail(id)).ok_or(NoPage::NotFound)
}

/// A redirect URI that was not added.
struct Refused<'a> {
    uri: &'a str,
    error: RedirectUriError,
}

impl Refused<'_> {
    fn message(&self) -> &'static str {
        match self.error {
            RedirectUriError::NotAUrl => "This is no complete URL.",
            RedirectUriError::HttpsRequired => {
                "Plain http is for this machine and its network; elsewhere it has to be https."
            }
        }
    }
}

fn shown(
    desk: &Desk,
    world: &World,
    id: Uuid,
    host: &Host,
    refused: Option<Refused<'_>>,
) -> Result<Response, NoPage> {
    let client = world.client_by_id(id).ok_or(NoPage::NotFound)?;
    let tenant = world.tenant_by_id(client.tenant);
    let prefix = tenant.map(Tenant::prefix).unwrap_or_default();
    let status = if refused.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let origin = host.origin();
    let base_url = format!("{origin}{prefix}");
    let tenant = tenant.map_or("", |tenant| tenant.name.as_str());
    Ok(desk.shown(status, &Detail { desk, client, tenant, origin, base_url, refused }))
}

fn to_detail(id: Uuid) -> Response {
    redirect(&format!("/admin/clients/{id}"))
}

#[derive(Template)]
#[template(path = "admin/clients.html")]
struct List<'a> {
    desk: &'a Desk,
    world: &'a World,
}

impl List<'_> {
    fn tenant(&self, client: &Client) -> &str {
        self.world.tenant_by_id(client.tenant).map_or("", |tenant| &tenant.name)
    }
}

#[derive(Template)]
#[template(path = "admin/client.html")]
struct Detail<'a> {
    desk: &'a Desk,
    client: &'a Client,
    tenant: &'a str,
    origin: String,
    base_url: String,
    refused: Option<Refused<'a>>,
}

impl Detail<'_> {
    fn has_secret(&self) -> bool {
        self.client.client_type == ClientType::Confidential
    }
}

/// What it is, in words.
fn kind(client: &Client) -> String {
    let kept = match client.client_type {
        ClientType::Confidential => "confidential",
        ClientType::Public => "public",
    };
    let party = if client.first_party { "first party" } else { "third party" };
    format!("{kept}, {party}")
}
