//! The mails that a real server would have sent.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::desk::Desk;
use crate::{
    http::{App, Cookies},
    mail::Mail,
};

pub(super) async fn list(State(app): State<App>, cookies: Cookies) -> Response {
    let desk = Desk::new("/admin/mails", &cookies);
    let mut mails = app.outbox().all();
    mails.reverse();
    desk.shown(StatusCode::OK, &List { desk: &desk, mails })
}

#[derive(Template)]
#[template(path = "admin/mails.html")]
struct List<'a> {
    desk: &'a Desk,
    mails: Vec<Mail>,
}
