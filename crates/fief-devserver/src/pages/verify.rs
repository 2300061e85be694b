//! The page that asks for the code that was mailed to a new address.

use askama::Template;
use axum::{extract::State, response::Response};
use uuid::Uuid;

use crate::{
    html::frame::{Frame, Problem},
    http::{
        answer::redirect,
        app::App,
        cookies::{Cookies, Waiting},
        host::{Host, InTenant},
        input::Form,
    },
    store::Store,
};

/// Mails a code if one is needed, and continues the sign-in.
pub(crate) async fn request(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let mut store = app.store();
    let prefix = tenant.of(&store).prefix();
    let session = cookies.session(&store, tenant.id(), app.now());
    let user = session.and_then(|(_, session)| store.user(session.user));
    let Some(user) = user else { return host.to_login(&prefix) };
    if user.email_verified {
        return redirect(&next(&store, &tenant, &cookies, app.now()));
    }
    let (id, email) = (user.id, user.email.clone());
    app.mail_code(&mut store, id, &email);
    redirect(&format!("{prefix}/verify"))
}

pub(crate) async fn page(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let store = app.store();
    let frame = Frame::new(tenant.of(&store), &cookies);
    match cookies.session(&store, tenant.id(), app.now()) {
        Some((_, session)) => shown(&store, &frame, session.user, None),
        None => host.to_login(&frame.prefix),
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
    let mut store = app.store();
    let frame = Frame::new(tenant.of(&store), &cookies);
    let Some((_, session)) = cookies.session(&store, tenant.id(), now) else {
        return host.to_login(&frame.prefix);
    };
    if !frame.csrf.trusts(&form) {
        return shown(&store, &frame, session.user, Some(Problem::CSRF));
    }
    if store.verify_email(session.user, form.trimmed("code"), now).is_none() {
        return shown(&store, &frame, session.user, Some(Problem::INVALID_CODE));
    }
    redirect(&next(&store, &tenant, &cookies, now))
}

/// The next path for a user who is signed in and verified.
fn next(store: &Store, tenant: &InTenant, cookies: &Cookies, now: i64) -> String {
    let prefix = tenant.of(store).prefix();
    match cookies.login_session(store, tenant.id(), now) {
        Waiting::Missing => format!("{prefix}/"),
        Waiting::Found(..) | Waiting::Invalid => format!("{prefix}/consent"),
    }
}

fn shown(store: &Store, frame: &Frame, user: Uuid, problem: Option<Problem>) -> Response {
    let email = store.user(user).map_or("", |user| user.email.as_str());
    let is_wrong = problem.is_some_and(Problem::is_of_input);
    frame.shown(problem, &Verify { frame, email, problem, is_wrong })
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify<'a> {
    frame: &'a Frame,
    email: &'a str,
    problem: Option<Problem>,
    is_wrong: bool,
}
