//! The page on which strangers become users.

mod answers;

use axum::{extract::State, response::Response};

use self::answers::Answers;
use super::login::{HINT_LIFETIME, sign_in};
use crate::{
    http::{App, Cookies, Form, InTenant, Parameters, Waiting, cookies, redirect},
    page::{self, Frame, Problem},
    settings,
    world::World,
};

/// Seconds that a stranger has to fill in the form.
const LIFETIME: i64 = 3600;

pub(crate) async fn page(State(app): State<App>, tenant: InTenant, cookies: Cookies) -> Response {
    let mut world = app.world();
    if let Some(refused) = refused(&world, &tenant, &cookies, app.now()) {
        return refused;
    }
    let frame = Frame::new(tenant.of(&world), &cookies);
    let answers = Answers::read(&Parameters::default(), &world.user_fields);
    let response = page::register(&frame, &answers.unjudged(), None);
    with_session(response, &mut world, &tenant, &cookies, app.now())
}

pub(crate) async fn submit(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    Form(form): Form,
) -> Response {
    let now = app.now();
    let mut world = app.world();
    if let Some(refused) = refused(&world, &tenant, &cookies, now) {
        return refused;
    }
    let tenant_data = tenant.of(&world);
    let slug = (!tenant_data.is_default).then(|| tenant_data.slug.clone());
    let frame = Frame::new(tenant_data, &cookies);
    let answers = Answers::read(&form, &world.user_fields);
    if !is_expected(&world, &tenant, &cookies, now) {
        // The form came from nowhere: it is shown, to be sent from here.
        let response = page::register(&frame, &answers.unjudged(), None);
        return with_session(response, &mut world, &tenant, &cookies, now);
    }
    if !frame.trusts(&form) {
        return page::register(&frame, &answers.form, Some(Problem::CSRF));
    }
    let Some(Answers { form, email, password, fields }) = answers.if_good() else {
        let answers = Answers::read(&form, &world.user_fields);
        return page::register(&frame, &answers.form, Some(Problem::INVALID_FORM));
    };
    let mut user = settings::User::new(email.clone(), password).unverified();
    user.tenant = slug;
    user.fields = fields;
    let Ok(id) = world.add_user(user, now) else {
        return page::register(&frame, &form, Some(Problem::USER_EXISTS));
    };
    if let Some(token) = cookies.find(Cookies::REGISTRATION) {
        world.registrations.remove(token);
    }
    let mut response = redirect(&format!("{}/verify-request", frame.prefix));
    sign_in(&mut world, &mut response, id, now);
    let headers = response.headers_mut();
    cookies::set(headers, Cookies::LOGIN_HINT, &cookies::encode(&email), Some(HINT_LIFETIME));
    cookies::unset(headers, Cookies::REGISTRATION);
    response
}

/// Why nobody can register here.
fn refused(world: &World, tenant: &InTenant, cookies: &Cookies, now: i64) -> Option<Response> {
    let tenant_data = tenant.of(world);
    let refuse =
        |code, message| Some(page::login_error(&Frame::new(tenant_data, cookies), code, message));
    if let Waiting::Invalid = cookies.login_session(world, tenant.id(), now) {
        return refuse("invalid_session", "Invalid login session");
    }
    if !tenant_data.registration_allowed {
        return refuse("registration_disabled", "Registration is disabled");
    }
    None
}

/// Whether the page was shown to that browser.
fn is_expected(world: &World, tenant: &InTenant, cookies: &Cookies, now: i64) -> bool {
    let token = cookies.find(Cookies::REGISTRATION);
    token.and_then(|token| world.registrations.find(token, now)) == Some(&tenant.id())
}

fn with_session(
    mut response: Response,
    world: &mut World,
    tenant: &InTenant,
    cookies: &Cookies,
    now: i64,
) -> Response {
    if !is_expected(world, tenant, cookies, now) {
        let token = world.registrations.issue(tenant.id(), now.saturating_add(LIFETIME));
        cookies::set(response.headers_mut(), Cookies::REGISTRATION, &token, None);
    }
    response
}
