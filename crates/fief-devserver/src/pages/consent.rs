//! The page that asks whether a third party may have the user's data, and the end of a sign-in.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use super::login::invalid_session;
use crate::{
    html::{
        error::error_page,
        frame::{Frame, Problem},
    },
    http::{
        answer::{Refusal, redirect},
        app::App,
        cookies::{self, Cookies, Waiting},
        host::{Host, InTenant},
        input::Form,
    },
    oidc::finish,
    store::{
        Store,
        sign_in::{LoginSession, Session},
    },
};

pub(crate) async fn page(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
) -> Response {
    let mut store = app.store();
    match Visit::of(&app, &store, &tenant, &cookies, &host) {
        Err(elsewhere) => *elsewhere,
        Ok(visit) if !visit.needs_consent(&store) => visit.finish(&app, &mut store),
        Ok(visit) => visit.ask(&store, &Frame::new(tenant.of(&store), &cookies), None),
    }
}

pub(crate) async fn submit(
    State(app): State<App>,
    tenant: InTenant,
    cookies: Cookies,
    host: Host,
    Form(form): Form,
) -> Response {
    let mut store = app.store();
    let visit = match Visit::of(&app, &store, &tenant, &cookies, &host) {
        Ok(visit) => visit,
        Err(elsewhere) => return *elsewhere,
    };
    if !visit.needs_consent(&store) {
        return visit.finish(&app, &mut store);
    }
    let frame = Frame::new(tenant.of(&store), &cookies);
    let filled = |name| form.find(name).is_some_and(|value| !value.is_empty());
    if !frame.csrf.trusts(&form) {
        return visit.ask(&store, &frame, Some(Problem::CSRF));
    }
    let Visit { login, session, token } = &visit;
    if filled("allow") {
        store.grants.insert((session.user, login.client), login.scope.clone());
        return visit.finish(&app, &mut store);
    }
    if !filled("deny") {
        return visit.ask(&store, &frame, None);
    }
    store.login_sessions.remove(token);
    let description = "The user denied access to their data.";
    let fragment = login.response_type.is_hybrid();
    let state = login.state.as_deref();
    let mut response =
        finish::error(&login.redirect_uri, fragment, "access_denied", description, state);
    cookies::unset(response.headers_mut(), Cookies::LOGIN_SESSION);
    response
}

/// The user and the authorization request of a visit.
struct Visit {
    token: String,
    login: LoginSession,
    session: Session,
}

impl Visit {
    /// The visit, or the page that must come first.
    fn of(
        app: &App,
        store: &Store,
        tenant: &InTenant,
        cookies: &Cookies,
        host: &Host,
    ) -> Result<Self, Box<Response>> {
        let now = app.now();
        let prefix = tenant.of(store).prefix();
        let Some((_, session)) = cookies.session(store, tenant.id(), now) else {
            return Err(Box::new(host.to_login(&prefix)));
        };
        if store.user(session.user).is_some_and(|user| !user.email_verified) {
            return Err(Box::new(redirect(&format!("{prefix}/verify-request"))));
        }
        match cookies.login_session(store, tenant.id(), now) {
            Waiting::Found(token, login) => Ok(Self { token, login: *login, session }),
            Waiting::Invalid => Err(Box::new(invalid_session())),
            Waiting::Missing => {
                let message = "No program has sent you here. Go to it and sign in from there.";
                Err(Box::new(error_page("Sign in", "missing_session", message.to_owned())))
            }
        }
    }

    /// First parties need no consent, and consent that was given before is not asked again.
    fn needs_consent(&self, store: &Store) -> bool {
        let Self { login, session, .. } = self;
        if store.client_by_id(login.client).is_some_and(|client| client.first_party) {
            return false;
        }
        let granted = store.grants.get(&(session.user, login.client));
        !granted.is_some_and(|granted| login.scope.iter().all(|scope| granted.contains(scope)))
    }

    fn ask(&self, store: &Store, frame: &Frame, problem: Option<Problem>) -> Response {
        let client = store.client_by_id(self.login.client);
        let user = store.user(self.session.user);
        let page = Consent {
            frame,
            client: client.map_or("", |client| client.name.as_str()),
            email: user.map_or("", |user| user.email.as_str()),
            scope: self.login.scope.iter().map(|scope| meaning(store, scope)).collect(),
            problem,
        };
        frame.shown(problem, &page)
    }

    fn finish(&self, app: &App, store: &mut Store) -> Response {
        store.login_sessions.remove(&self.token);
        let Some(mut response) = finish::success(app, store, &self.login, &self.session) else {
            return Refusal::ServerError.into_response();
        };
        cookies::unset(response.headers_mut(), Cookies::LOGIN_SESSION);
        response
    }
}

/// What a scope allows a client, and why, in a user's words.
fn meaning<'a>(store: &'a Store, scope: &'a str) -> (&'a str, &'a str) {
    match (scope, store.permissions.get(scope)) {
        ("openid", _) => ("Know who you are", "Your email address and what your profile says."),
        ("offline_access", _) => {
            ("Stay connected to your account", "Also while you are not using it.")
        }
        (_, Some(permission)) => {
            (permission.name.as_str(), "As far as you have the permission yourself.")
        }
        (scope, None) => (scope, "The program itself has named this, and can say what it is for."),
    }
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    frame: &'a Frame,
    client: &'a str,
    email: &'a str,
    scope: Vec<(&'a str, &'a str)>,
    problem: Option<Problem>,
}
