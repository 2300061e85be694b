//! Where those end who came without being sent by a client. The real server has a profile there.

use axum::{extract::State, response::Response};

use crate::{
    http::{App, Cookies, Host, InTenant, Waiting},
    page::{self, Frame},
    world::World,
};

pub(crate) async fn home(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let world = app.world();
    let session = cookies.session(&world, tenant.id(), app.now());
    let user = session.and_then(|(_, session)| world.user(session.user));
    let frame = Frame::new(tenant.of(&world), &cookies);
    page::home(&frame, &host.origin(), user.map(|user| user.email.as_str()))
}

/// The path where a user goes on who is signed in and verified.
pub(super) fn next(world: &World, tenant: &InTenant, cookies: &Cookies, now: i64) -> String {
    let prefix = tenant.of(world).prefix();
    match cookies.login_session(world, tenant.id(), now) {
        Waiting::Missing => format!("{prefix}/"),
        Waiting::Found(..) | Waiting::Invalid => format!("{prefix}/consent"),
    }
}
