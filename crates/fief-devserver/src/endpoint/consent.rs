//! The page that asks whether a third party may have the user's data, and the end of the walk.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use super::finish;
use crate::{
    http::{App, Cookies, Form, Host, InTenant, Refusal, Waiting, cookies, redirect, to_login},
    page::{self, Frame, Problem},
    world::{LoginSession, Session, World},
};

pub(crate) async fn page(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let mut world = app.world();
    match here(&app, &world, &tenant, &cookies, &host) {
        Err(elsewhere) => *elsewhere,
        Ok(Visit { token, login, session }) if !needs_consent(&world, &login, &session) => {
            finish(&app, &mut world, &token, &login, &session)
        }
        Ok(Visit { login, session, .. }) => {
            let frame = Frame::new(tenant.of(&world), &cookies);
            ask(&world, &frame, &login, &session, None)
        }
    }
}

pub(crate) async fn submit(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
    Form(form): Form,
) -> Response {
    let mut world = app.world();
    let Visit { token, login, session } = match here(&app, &world, &tenant, &cookies, &host) {
        Ok(visit) => visit,
        Err(elsewhere) => return *elsewhere,
    };
    let frame = Frame::new(tenant.of(&world), &cookies);
    if !needs_consent(&world, &login, &session) {
        return finish(&app, &mut world, &token, &login, &session);
    }
    let filled = |name| form.find(name).is_some_and(|value| !value.is_empty());
    if !frame.trusts(&form) {
        return ask(&world, &frame, &login, &session, Some(Problem::CSRF));
    }
    if filled("allow") {
        world.grants.insert((session.user, login.client), login.scope.clone());
        return finish(&app, &mut world, &token, &login, &session);
    }
    if !filled("deny") {
        return ask(&world, &frame, &login, &session, None);
    }
    world.login_sessions.remove(&token);
    let description = "The user denied access to their data.";
    let fragment = login.response_type.is_hybrid();
    let state = login.state.as_deref();
    let mut response =
        finish::error(&login.redirect_uri, fragment, "access_denied", description, state);
    cookies::unset(response.headers_mut(), Cookies::LOGIN_SESSION);
    response
}

/// Who is here, and for what.
struct Visit {
    token: String,
    login: LoginSession,
    session: Session,
}

/// Or the page that comes first.
fn here(
    app: &App,
    world: &World,
    tenant: &InTenant,
    cookies: &Cookies,
    host: &Host,
) -> Result<Visit, Box<Response>> {
    let now = app.now();
    let frame = Frame::new(tenant.of(world), cookies);
    let prefix = &frame.prefix;
    let Some((_, session)) = cookies.session(world, tenant.id(), now) else {
        return Err(Box::new(to_login(host, prefix)));
    };
    if world.user(session.user).is_some_and(|user| !user.email_verified) {
        return Err(Box::new(redirect(&format!("{prefix}/verify-request"))));
    }
    match cookies.login_session(world, tenant.id(), now) {
        Waiting::Found(token, login) => Ok(Visit { token, login: *login, session }),
        Waiting::Invalid => {
            Err(Box::new(page::login_error(&frame, "invalid_session", "Invalid login session")))
        }
        Waiting::Missing => {
            let message = frame.say_of(
                "Missing login session. You should return to {} and try to login again",
                &frame.tenant,
            );
            Err(Box::new(page::login_error(&frame, "missing_session", &message)))
        }
    }
}

fn ask(
    world: &World,
    frame: &Frame,
    login: &LoginSession,
    session: &Session,
    problem: Option<Problem>,
) -> Response {
    let client = world.client_by_id(login.client).map_or("", |client| client.name.as_str());
    let email = world.user(session.user).map_or("", |user| user.email.as_str());
    page::consent(frame, client, email, &login.scope, problem)
}

/// First parties need none, and what was agreed to once needs none again.
fn needs_consent(world: &World, login: &LoginSession, session: &Session) -> bool {
    if world.client_by_id(login.client).is_some_and(|client| client.first_party) {
        return false;
    }
    let granted = world.grants.get(&(session.user, login.client));
    !granted.is_some_and(|granted| login.scope.iter().all(|scope| granted.contains(scope)))
}

fn finish(
    app: &App,
    world: &mut World,
    token: &str,
    login: &LoginSession,
    session: &Session,
) -> Response {
    world.login_sessions.remove(token);
    let Some(mut response) = finish::success(app, world, login, session) else {
        return Refusal::ServerError.into_response();
    };
    cookies::unset(response.headers_mut(), Cookies::LOGIN_SESSION);
    response
}
