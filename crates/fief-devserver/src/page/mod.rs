//! The pages that users see.
//!
//! Templates escape what they show; none needs a script.

mod csrf;
mod frame;
mod french;
mod language;
mod policy;
mod problem;
mod register_form;
mod scope;

use askama::Template;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use self::scope::explained;
pub(crate) use self::{
    csrf::Csrf,
    frame::Frame,
    language::Language,
    policy::{Policy, html},
    problem::Problem,
    register_form::{RegisterForm, RegisterInput},
};

pub(crate) fn login(frame: &Frame, email: &str, problem: Option<Problem>) -> Response {
    shown(frame, problem, &Login { frame, email, problem })
}

pub(crate) fn register(frame: &Frame, form: &RegisterForm, problem: Option<Problem>) -> Response {
    shown(frame, problem, &Register { frame, form, problem })
}

pub(crate) fn verify(frame: &Frame, problem: Option<Problem>) -> Response {
    shown(frame, problem, &Verify { frame, problem })
}

/// Whether that client may have what it asks for of the account of that address.
pub(crate) fn consent(
    frame: &Frame,
    client: &str,
    email: &str,
    scope: &[String],
    problem: Option<Problem>,
) -> Response {
    shown(frame, problem, &Consent { frame, client, email, scope, problem })
}

/// Where those end who came without being sent by a client; with the address of who is signed in.
pub(crate) fn home(frame: &Frame, origin: &str, email: Option<&str>) -> Response {
    shown(frame, None, &Home { frame, origin, email })
}

/// A sign-in that can't go on.
pub(crate) fn login_error(frame: &Frame, code: &'static str, message: &str) -> Response {
    fatal(frame, code, &Fatal { frame, title: "Sign in", explanation: "", message })
}

/// An authorization request that can't be answered by a redirect.
pub(crate) fn authorize_error(frame: &Frame, code: &'static str, message: &str) -> Response {
    fatal(frame, code, &Fatal { frame, title: "Authorize", explanation: BY_CLIENT, message })
}

/// A sign-out that goes nowhere.
pub(crate) fn logout_error(frame: &Frame, message: &str) -> Response {
    let page = Fatal { frame, title: "Sign out", explanation: BY_CLIENT, message };
    fatal(frame, "invalid_request", &page)
}

/// Whose fault it is when the user can do nothing about it.
const BY_CLIENT: &str =
    "The program that sent you here made a mistake. Its developer can tell by this message:";

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    frame: &'a Frame,
    email: &'a str,
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "register.html")]
struct Register<'a> {
    frame: &'a Frame,
    form: &'a RegisterForm,
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify<'a> {
    frame: &'a Frame,
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    frame: &'a Frame,
    client: &'a str,
    email: &'a str,
    scope: &'a [String],
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    frame: &'a Frame,
    origin: &'a str,
    email: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "fatal.html")]
struct Fatal<'a> {
    frame: &'a Frame,
    title: &'a str,
    explanation: &'a str,
    message: &'a str,
}

/// A page with what went wrong with its form before.
fn shown(frame: &Frame, problem: Option<Problem>, page: &impl Template) -> Response {
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let code = problem.and_then(|problem| problem.code);
    let mut response = with_code(status, code, html(Policy::Tenant, page));
    frame.keep(response.headers_mut());
    response
}

/// A page without a form, at the end of a way.
fn fatal(frame: &Frame, code: &'static str, page: &impl Template) -> Response {
    let mut response = with_code(StatusCode::BAD_REQUEST, Some(code), html(Policy::Tenant, page));
    frame.keep(response.headers_mut());
    response
}

fn with_code(status: StatusCode, code: Option<&'static str>, mut response: Response) -> Response {
    *response.status_mut() = status;
    if let Some(code) = code {
        let name = HeaderName::from_static("x-fief-error");
        response.headers_mut().insert(name, HeaderValue::from_static(code));
    }
    response
}
