//! A browser that fills in the forms of the sign-in pages, and records where it was.

use fief_testkit::{
    browser::{Cookies, Form},
    http::{self, Answer},
    parameter,
};
use serde_json::Value;
use url::Url;

use crate::setup::Setup;

pub const REDIRECT_URI: &str = "http://localhost:8000/callback";

pub struct Browser<'a> {
    setup: &'a Setup,
    pub cookies: Cookies,
    pub trail: Vec<Step>,
}

pub struct Step {
    pub method: &'static str,
    pub url: String,
    pub status: u16,
    pub location: Option<String>,
}

/// Where a walk ends.
pub enum End {
    Redirect(String),
    Page(Answer),
}

impl<'a> Browser<'a> {
    pub fn new(setup: &'a Setup) -> Self {
        Self { setup, cookies: Cookies::default(), trail: Vec::new() }
    }

    pub fn send(&mut self, method: &'static str, url: &str, form: Option<&str>) -> Answer {
        let mut headers = vec![("Accept".to_owned(), "text/html".to_owned())];
        headers.extend(self.cookies.header().map(|cookies| ("Cookie".to_owned(), cookies)));
        if form.is_some() {
            let form = "application/x-www-form-urlencoded".to_owned();
            headers.push(("Content-Type".to_owned(), form));
        }
        let target = url.strip_prefix(self.setup.base_url()).expect("a URL of this server");
        let body = form.map(str::as_bytes);
        let answer = http::send(self.setup.base_url(), method, target, &headers, body);
        self.cookies.keep(answer.all("set-cookie"));
        self.trail.push(Step {
            method,
            url: url.to_owned(),
            status: answer.status,
            location: answer.header("location").map(str::to_owned),
        });
        answer
    }

    /// Goes on from an authorization URL until it leaves the server or meets a page that is not
    /// for it. `consent` is the button to press: `allow` or `deny`.
    pub fn walk(&mut self, url: &str, user: &Value, consent: &str) -> End {
        let redirect_uri = parameter(url, "redirect_uri").unwrap_or_default();
        let mut url = Url::parse(url).unwrap();
        let mut answer = self.send("GET", url.as_str(), None);
        for _ in 0..12 {
            if let Some(location) = answer.header("location") {
                if without_query(location) == without_query(&redirect_uri) {
                    return End::Redirect(location.to_owned());
                }
                url = url.join(location).unwrap();
                answer = self.send("GET", url.as_str(), None);
                continue;
            }
            let form = Form::first_of(&answer.text()).filter(|_| answer.status == 200);
            let filled = form.and_then(|form| Some((filled(&form, user, consent)?, form.action)));
            let Some((filled, action)) = filled else { return End::Page(answer) };
            url = url.join(&action).unwrap();
            answer = self.send("POST", url.as_str(), Some(&filled));
        }
        End::Page(answer)
    }
}

/// The login form with address and password, the consent form with that button; no other.
fn filled(form: &Form, user: &Value, consent: &str) -> Option<String> {
    let text = |name: &str| user[name].as_str().unwrap();
    if form.inputs.contains_key("password") {
        Some(form.filled(&[("email", text("email")), ("password", text("password"))]))
    } else if form.inputs.contains_key("allow") {
        Some(form.filled(&[(consent, consent)]))
    } else {
        None
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap()
}
