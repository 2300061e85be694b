//! Clients: their secrets to copy, their redirect URIs, and new ones.

use askama::Template;
use axum::{extract::State, response::Response};
use uuid::Uuid;

use super::desk::{Desk, Refused};
use crate::{
    admin::path::Id,
    http::{
        answer::{Refusal, redirect},
        app::App,
        cookies::Cookies,
        host::Host,
        input::{Form, Parameters},
    },
    random::random_string,
    rules::redirect_uri::redirect_uri,
    settings,
    store::{Client, Store, Tenant},
};

const SECTION: &str = "/admin/";

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
    let name = form.trimmed("name");
    let uri = match redirect_uri(form.trimmed("redirect_uri")) {
        Ok(uri) => uri,
        Err(error) => {
            let refused = Refused { input: "redirect_uri", why: error.message() };
            return Ok(listed(&desk, &store, &form, Some(refused)));
        }
    };
    if name.is_empty() {
        let refused = Refused { input: "name", why: "A client needs a name." };
        return Ok(listed(&desk, &store, &form, Some(refused)));
    }
    let mut client = match form.find("client_type") {
        Some("public") => settings::client::Client::public(random_string()),
        _ => settings::client::Client::confidential(random_string(), random_string()),
    };
    client = client.name(name).redirect_uri(uri).tenant(form.trimmed("tenant"));
    client.first_party = form.find("third_party").is_none();
    let added = store.add_client(client, app.now());
    added.map(to_detail).map_err(|_| Refusal::NOT_FOUND)
}

pub(super) async fn detail(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    host: Host,
) -> Result<Response, Refusal> {
    let desk = Desk::new(SECTION, &cookies);
    shown(&desk, &app.store(), id, &host, "", None)
}

pub(super) async fn add_redirect_uri(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    host: Host,
    Form(form): Form,
) -> Result<Response, Refusal> {
    let desk = Desk::new(SECTION, &cookies);
    desk.check(&form)?;
    let mut store = app.store();
    let given = form.trimmed("redirect_uri");
    let uri = match redirect_uri(given) {
        Ok(uri) => uri,
        Err(error) => {
            let refused = Refused { input: "redirect_uri", why: error.message() };
            return shown(&desk, &store, id, &host, given, Some(refused));
        }
    };
    let added = store.update_client(id, app.now(), |client| {
        if !client.redirect_uris.contains(&uri) {
            client.redirect_uris.push(uri);
        }
    });
    added.map(|()| to_detail(id)).ok_or(Refusal::NOT_FOUND)
}

pub(super) async fn remove_redirect_uri(
    State(app): State<App>,
    Id(id): Id,
    cookies: Cookies,
    Form(form): Form,
) -> Result<Response, Refusal> {
    Desk::new(SECTION, &cookies).check(&form)?;
    let uri = form.find("redirect_uri").unwrap_or_default();
    let removed = app.store().update_client(id, app.now(), |client| {
        client.redirect_uris.retain(|kept| kept != uri);
    });
    removed.map(|()| to_detail(id)).ok_or(Refusal::NOT_FOUND)
}

fn listed(desk: &Desk, store: &Store, form: &Parameters, refused: Option<Refused>) -> Response {
    let status = Refused::status(refused.as_ref());
    desk.shown(status, &List { desk, store, form, refused })
}

fn shown(
    desk: &Desk,
    store: &Store,
    id: Uuid,
    host: &Host,
    given: &str,
    refused: Option<Refused>,
) -> Result<Response, Refusal> {
    let client = store.client_by_id(id).ok_or(Refusal::NOT_FOUND)?;
    let tenant = store.tenant_by_id(client.tenant);
    let base_url = format!("{}{}", host.origin(), tenant.map(Tenant::prefix).unwrap_or_default());
    let tenant = tenant.map_or("", |tenant| tenant.name.as_str());
    let status = Refused::status(refused.as_ref());
    Ok(desk.shown(status, &Detail { desk, client, tenant, base_url, given, refused }))
}

fn to_detail(id: Uuid) -> Response {
    redirect(&format!("/admin/clients/{id}"))
}

#[derive(Template)]
#[template(path = "admin/clients.html")]
struct List<'a> {
    desk: &'a Desk,
    store: &'a Store,
    form: &'a Parameters,
    refused: Option<Refused>,
}

impl List<'_> {
    fn tenant(&self, client: &Client) -> &str {
        self.store.tenant_by_id(client.tenant).map_or("", |tenant| &tenant.name)
    }

    fn problem(&self, input: &str) -> Option<&'static str> {
        Refused::of(self.refused.as_ref(), input)
    }
}

#[derive(Template)]
#[template(path = "admin/client.html")]
struct Detail<'a> {
    desk: &'a Desk,
    client: &'a Client,
    tenant: &'a str,
    base_url: String,
    /// The redirect URI that was refused.
    given: &'a str,
    refused: Option<Refused>,
}

/// Its type, for people.
fn kind(client: &Client) -> String {
    let kept = if client.is_confidential() { "confidential" } else { "public" };
    let party = if client.first_party { "first party" } else { "third party" };
    format!("{kept}, {party}")
}
