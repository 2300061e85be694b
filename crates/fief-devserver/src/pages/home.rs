//! The first page, for visitors who were not sent by a client. The real server shows the user's
//! profile there; this one shows its clients and users, and what to do next.

use askama::Template;
use axum::{extract::State, response::Response};

use crate::{
    html::{Policy, frame::Frame},
    http::{
        app::App,
        cookies::Cookies,
        host::{Host, InTenant},
    },
    overview::Overview,
};

pub(crate) async fn home(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let store = app.store();
    let session = cookies.session(&store, tenant.id(), app.now());
    let user = session.and_then(|(_, session)| store.user(session.user));
    let here = tenant.of(&store);
    let frame = Frame::new(here, &cookies);
    let page = Home {
        frame: &frame,
        origin: host.origin(),
        email: user.map(|user| user.email.as_str()),
        overview: host.is_own.then(|| Overview::of(&store, here, &host.origin())),
    };
    frame.shown_with(Policy::Admin, None, &page)
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    frame: &'a Frame,
    origin: String,
    email: Option<&'a str>,
    /// None under a name that may be a foreign site's, because it holds passwords.
    overview: Option<Overview<'a>>,
}
