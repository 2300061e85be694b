//! The page that asks for email address and password.

use axum::{extract::State, response::Response};
use uuid::Uuid;

use crate::{
    http::{App, Cookies, Form, InTenant, Waiting, cookies, redirect},
    page::{self, Frame},
    world::{Session, World},
};

/// Seconds that a user stays signed in.
const SESSION_LIFETIME: u32 = 14 * 86_400;

/// Seconds that the address is remembered.
pub(super) const HINT_LIFETIME: u32 = 30 * 86_400;

pub(crate) async fn page(State(app): State<App>, tenant: InTenant, cookies: Cookies) -> Response {
    let world = app.world();
    let frame = Frame::new(tenant.of(&world), &cookies);
    if let Waiting::Invalid = cookies.login_session(&world, tenant.id(), app.now()) {
        return page::login_error(&frame, "invalid_session", "Invalid login session");
    }
    let hint = cookies.decoded(Cookies::LOGIN_HINT).unwrap_or_default();
    page::login(&frame, &hint, None)
}

pub(crate) async fn submit(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    Form(form): Form,
) -> Response {
    let mut world = app.world();
    let frame = Frame::new(tenant.of(&world), &cookies);
    if let Waiting::Invalid = cookies.login_session(&world, tenant.id(), app.now()) {
        return page::login_error(&frame, "invalid_session", "Invalid login session");
    }
    let email = form.find("email").unwrap_or_default();
    if !frame.trusts(&form) {
        return page::login(&frame, email, Some(page::Problem::CSRF));
    }
    let password = form.find("password").unwrap_or_default();
    let user = world.user_by_email(tenant.id(), email);
    let user = user.filter(|user| user.is_active && user.password == password).map(|user| user.id);
    let Some(user) = user else {
        return page::login(&frame, email, Some(page::Problem::BAD_CREDENTIALS));
    };
    if let Some(token) = cookies.find(Cookies::SESSION) {
        world.sessions.remove(token);
    }
    let mut response = redirect(&format!("{}/verify-request", frame.prefix));
    sign_in(&mut world, &mut response, user, app.now());
    cookies::set(
        response.headers_mut(),
        Cookies::LOGIN_HINT,
        &cookies::encode(email),
        Some(HINT_LIFETIME),
    );
    response
}

/// Starts a session for that user.
pub(crate) fn sign_in(world: &mut World, response: &mut Response, user: Uuid, now: i64) {
    let session = Session { user, created_at: now };
    let token = world.sessions.issue(session, now.saturating_add(SESSION_LIFETIME.into()));
    cookies::set(response.headers_mut(), Cookies::SESSION, &token, Some(SESSION_LIFETIME));
}
