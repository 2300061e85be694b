//! The pages that users see.
//!
//! Templates escape what they show; none needs a script.

mod frame;
mod problem;

use askama::Template;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::{Html, IntoResponse, Response},
};

pub(crate) use self::{frame::Frame, problem::Problem};
use crate::http::{Cookies, Refusal, cookies};

pub(crate) fn login(frame: &Frame, email: &str, problem: Option<Problem>) -> Response {
    shown(frame, problem, &Login { frame, email, problem })
}

pub(crate) fn register(frame: &Frame, email: &str, problem: Option<Problem>) -> Response {
    shown(frame, problem, &Register { frame, email, problem })
}

pub(crate) fn verify(frame: &Frame, problem: Option<Problem>) -> Response {
    shown(frame, problem, &Verify { frame, problem })
}

pub(crate) fn consent(
    frame: &Frame,
    client: &str,
    scope: &[String],
    problem: Option<Problem>,
) -> Response {
    shown(frame, problem, &Consent { frame, client, scope, problem })
}

/// A sign-in that can't go on.
pub(crate) fn login_error(frame: &Frame, code: &'static str, message: &str) -> Response {
    let page = Fatal { title: "Sign in", tenant: &frame.tenant, message };
    with_code(StatusCode::BAD_REQUEST, Some(code), html(&page))
}

/// An authorization request that can't be answered by a redirect.
pub(crate) fn authorize_error(code: &'static str, message: &str) -> Response {
    let page = Fatal { title: "Authorize", tenant: "", message };
    with_code(StatusCode::BAD_REQUEST, Some(code), html(&page))
}

/// A sign-out that goes nowhere.
pub(crate) fn logout_error(tenant: &str, message: &str) -> Response {
    let page = Fatal { title: "Sign out", tenant, message };
    with_code(StatusCode::BAD_REQUEST, Some("invalid_request"), html(&page))
}

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
    email: &'a str,
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
    scope: &'a [String],
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "fatal.html")]
struct Fatal<'a> {
    title: &'a str,
    tenant: &'a str,
    message: &'a str,
}

/// A page with a form: with its cookie, and with what went wrong with the form before.
fn shown(frame: &Frame, problem: Option<Problem>, page: &impl Template) -> Response {
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = with_code(status, problem.and_then(|problem| problem.code), html(page));
    if frame.csrf_is_new {
        cookies::set(response.headers_mut(), Cookies::CSRF, &frame.csrf, None);
    }
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

fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(_) => Refusal::ServerError.into_response(),
    }
}
