//! The page on which strangers become users.

use axum::{extract::State, response::Response};

use super::login::sign_in;
use crate::{
    http::{App, Cookies, Form, InTenant, Waiting, redirect},
    page::{self, Frame},
    settings,
};

pub(crate) async fn page(State(app): State<App>, tenant: InTenant, cookies: Cookies) -> Response {
    let world = app.world();
    let tenant_data = tenant.of(&world);
    let frame = Frame::new(tenant_data, &cookies);
    if let Waiting::Invalid = cookies.login_session(&world, tenant.id(), app.now()) {
        return page::login_error(&frame, "invalid_session", "Invalid login session");
    }
    if !tenant_data.registration_allowed {
        return page::login_error(&frame, "registration_disabled", "Registration is disabled");
    }
    page::register(&frame, "", None)
}

pub(crate) async fn submit(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    Form(form): Form,
) -> Response {
    let now = app.now();
    let mut world = app.world();
    let tenant_data = tenant.of(&world);
    let slug = (!tenant_data.is_default).then(|| tenant_data.slug.clone());
    let frame = Frame::new(tenant_data, &cookies);
    if let Waiting::Invalid = cookies.login_session(&world, tenant.id(), now) {
        return page::login_error(&frame, "invalid_session", "Invalid login session");
    }
    if !tenant_data.registration_allowed {
        return page::login_error(&frame, "registration_disabled", "Registration is disabled");
    }
    let email = form.find("email").unwrap_or_default().trim();
    let password = form.find("password").unwrap_or_default();
    if !frame.trusts(&form) {
        return page::register(&frame, email, Some(page::Problem::CSRF));
    }
    if world.user_by_email(tenant.id(), email).is_some() {
        return page::register(&frame, email, Some(page::Problem::USER_EXISTS));
    }
    let mut user = settings::User::new(email, password).unverified();
    user.tenant = slug;
    let Ok(id) = world.add_user(user, now) else {
        return page::register(&frame, email, Some(page::Problem::USER_EXISTS));
    };
    let mut response = redirect(&format!("{}/verify-request", frame.prefix));
    sign_in(&mut world, &mut response, id, now);
    response
}
