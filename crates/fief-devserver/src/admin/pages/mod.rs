//! The administration for a person in a browser.

mod clients;
mod desk;
mod users;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};

use self::desk::Desk;
use crate::{
    http::{answer::redirect, app::App, cookies::Cookies},
    observe::Mail,
};

/// What is under `/admin`.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/admin", get(async || redirect("/admin/")))
        .route("/admin/", get(clients::list).post(clients::add))
        .route("/admin/clients/{id}", get(clients::detail))
        .route("/admin/clients/{id}/add-redirect-uri", post(clients::add_redirect_uri))
        .route("/admin/clients/{id}/remove-redirect-uri", post(clients::remove_redirect_uri))
        .route("/admin/users", get(users::list).post(users::add))
        .route("/admin/users/{id}", get(users::detail))
        .route("/admin/users/{id}/grant", post(users::grant))
        .route("/admin/users/{id}/revoke", post(users::revoke))
        .route("/admin/mails", get(mails))
}

/// The mails that a real server would have sent.
async fn mails(State(app): State<App>, cookies: Cookies) -> Response {
    let desk = Desk::new("/admin/mails", &cookies);
    let mut mails = app.observed().mails.all();
    mails.reverse();
    desk.shown(StatusCode::OK, &Mails { desk: &desk, mails })
}

#[derive(Template)]
#[template(path = "admin/mails.html")]
struct Mails<'a> {
    desk: &'a Desk,
    mails: Vec<Mail>,
}
