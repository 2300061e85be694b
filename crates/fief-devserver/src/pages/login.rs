//! The page that asks for email address and password.

use askama::Template;
use axum::{extract::State, response::Response};
use uuid::Uuid;

use crate::{
    html::{
        error::error_page,
        frame::{Frame, Problem},
    },
    http::{
        answer::redirect,
        app::App,
        cookies::{self, Cookies, Waiting},
        host::{Host, InTenant},
        input::{Form, Parameters},
    },
    store::{Store, sign_in::Session},
};

/// How long a user stays signed in, in seconds.
const SESSION_LIFETIME: u32 = 14 * 86_400;

/// How long the address is remembered, in seconds.
const HINT_LIFETIME: u32 = 30 * 86_400;

/// How many users are offered for "Sign in as".
const OFFERED: usize = 8;

pub(crate) async fn page(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let store = app.store();
    if let Waiting::Invalid = cookies.login_session(&store, tenant.id(), app.now()) {
        return invalid_session();
    }
    let hint = cookies.decoded(Cookies::LOGIN_HINT).unwrap_or_default();
    shown(&store, &tenant, &cookies, &host, &hint, None)
}

pub(crate) async fn submit(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
    Form(form): Form,
) -> Response {
    let mut store = app.store();
    if let Waiting::Invalid = cookies.login_session(&store, tenant.id(), app.now()) {
        return invalid_session();
    }
    let frame = Frame::new(tenant.of(&store), &cookies);
    let email = form.find("email").unwrap_or_default();
    if !frame.csrf.trusts(&form) {
        return shown(&store, &tenant, &cookies, &host, email, Some(Problem::CSRF));
    }
    let Some(user) = authenticated(&store, tenant.id(), &host, &form) else {
        return shown(&store, &tenant, &cookies, &host, email, Some(Problem::BAD_CREDENTIALS));
    };
    if let Some(token) = cookies.find(Cookies::SESSION) {
        store.sessions.remove(token);
    }
    sign_in(&mut store, &frame, user, app.now())
}

/// By address and password, or by the button that needs no password. The button exists under this
/// machine's own names only, because a foreign site could press it under its own name (DNS
/// rebinding).
fn authenticated(store: &Store, tenant: Uuid, host: &Host, form: &Parameters) -> Option<Uuid> {
    let user = match form.find("sign_in_as") {
        Some(id) if host.is_own => {
            store.user(id.parse().ok()?).filter(|user| user.tenant == tenant)
        }
        Some(_) => None,
        None => store
            .user_by_email(tenant, form.find("email")?)
            .filter(|user| form.find("password") == Some(&user.password)),
    };
    user.filter(|user| user.is_active).map(|user| user.id)
}

/// Starts a session for this user, and continues the sign-in.
pub(super) fn sign_in(store: &mut Store, frame: &Frame, user: Uuid, now: i64) -> Response {
    let mut response = redirect(&format!("{}/verify-request", frame.prefix));
    let session = Session { user, created_at: now };
    let token = store.sessions.issue(session, now.saturating_add(SESSION_LIFETIME.into()));
    let email = store.user(user).map(|user| cookies::encode(&user.email)).unwrap_or_default();
    let headers = response.headers_mut();
    cookies::set(headers, Cookies::SESSION, &token, Some(SESSION_LIFETIME));
    cookies::set(headers, Cookies::LOGIN_HINT, &email, Some(HINT_LIFETIME));
    response
}

pub(super) fn invalid_session() -> Response {
    let message = "This sign-in was given up or took too long. Go back to where you came from and \
                   sign in again.";
    error_page("Sign in", "invalid_session", message.to_owned())
}

fn shown(
    store: &Store,
    tenant: &InTenant,
    cookies: &Cookies,
    host: &Host,
    email: &str,
    problem: Option<Problem>,
) -> Response {
    let frame = Frame::new(tenant.of(store), cookies);
    let users = store.users.iter().filter(|user| user.tenant == tenant.id() && user.is_active);
    let offered = if host.is_own { OFFERED } else { 0 };
    let users = users.take(offered).map(|user| (user.id, user.email.as_str())).collect();
    let is_wrong = problem.is_some_and(Problem::is_of_input);
    frame.shown(problem, &Login { frame: &frame, email, problem, is_wrong, users })
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    frame: &'a Frame,
    email: &'a str,
    problem: Option<Problem>,
    is_wrong: bool,
    users: Vec<(Uuid, &'a str)>,
}
