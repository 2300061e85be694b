//! The page that asks for the code that was mailed to a new address.

use axum::{extract::State, response::Response};

use super::home;
use crate::{
    http::{App, Cookies, Form, Host, InTenant, redirect, to_login},
    page::{self, Frame},
};

/// Mails a code where one is needed, and goes on.
pub(crate) async fn request(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let mut world = app.world();
    let prefix = tenant.of(&world).prefix();
    let session = cookies.session(&world, tenant.id(), app.now());
    let user = session.and_then(|(_, session)| world.user(session.user));
    let Some(user) = user else { return to_login(&host, &prefix) };
    if user.email_verified {
        return redirect(&home::next(&world, &tenant, &cookies, app.now()));
    }
    let (id, email) = (user.id, user.email.clone());
    app.mail_code(&mut world, id, &email);
    redirect(&format!("{prefix}/verify"))
}

pub(crate) async fn page(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let world = app.world();
    let frame = Frame::new(tenant.of(&world), &cookies);
    match cookies.session(&world, tenant.id(), app.now()) {
        Some(_) => page::verify(&frame, None),
        None => to_login(&host, &frame.prefix),
    }
}

pub(crate) async fn submit(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
    Form(form): Form,
) -> Response {
    let now = app.now();
    let mut world = app.world();
    let frame = Frame::new(tenant.of(&world), &cookies);
    let Some((_, session)) = cookies.session(&world, tenant.id(), now) else {
        return to_login(&host, &frame.prefix);
    };
    if !frame.trusts(&form) {
        return page::verify(&frame, Some(page::Problem::CSRF));
    }
    let code = form.find("code").unwrap_or_default().trim();
    if world.verify_email(session.user, code, now).is_none() {
        return page::verify(&frame, Some(page::Problem::INVALID_CODE));
    }
    redirect(&home::next(&world, &tenant, &cookies, now))
}
