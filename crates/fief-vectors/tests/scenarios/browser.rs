//! Enough of a browser to go through the pages of the server: cookies, redirects, the login form
//! and the consent form.

use std::collections::BTreeMap;

use url::Url;

use super::{
    page::Form,
    server::User,
    web::{self, Answer},
};

/// One user's browser; it keeps its session as long as it lives.
#[derive(Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
    /// How often a login form and a consent form were filled in.
    pub sign_ins: usize,
    pub consents: usize,
}

#[derive(Clone, Copy)]
pub enum Consent {
    Allow,
    Deny,
}

impl Consent {
    fn button(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

impl Browser {
    /// Goes from the authorization URL to the redirect URI, and gives that with its query.
    pub fn sign_in(&mut self, url: &str, user: &User) -> String {
        self.walk(url, user, Consent::Allow).unwrap()
    }

    /// The same with that answer to the consent form. Where it ends at a page with an error, gives
    /// the status and the code of the error.
    pub fn walk(&mut self, url: &str, user: &User, consent: Consent) -> Result<String, String> {
        let mut url = Url::parse(url).unwrap();
        let redirect_uri = parameter(&url, "redirect_uri").unwrap_or_default();
        let mut answer = self.get(&url);
        for _ in 0..12 {
            if let Some(location) = answer.header("location") {
                if without_query(location) == without_query(&redirect_uri) {
                    return Ok(location.to_owned());
                }
                url = url.join(location).unwrap();
                answer = self.get(&url);
                continue;
            }
            let form = Form::first_of(&answer.body).filter(|_| answer.status == 200);
            let Some(form) = form else { break };
            let Some(filled) = self.fill_in(&form, user, consent) else {
                break;
            };
            url = url.join(&form.action).unwrap();
            answer = self.post(&url, &filled);
        }
        Err(format!(
            "{} {}",
            answer.status,
            answer.header("x-fief-error").unwrap_or("without a code")
        ))
    }

    /// Where the server sends the browser from there.
    pub fn redirect_from(&mut self, url: &str) -> Option<String> {
        self.get(&Url::parse(url).unwrap()).header("location").map(str::to_owned)
    }

    fn fill_in<'a>(
        &mut self,
        form: &'a Form,
        user: &'a User,
        consent: Consent,
    ) -> Option<Vec<(&'a str, &'a str)>> {
        let given = |name| form.inputs.get(name).map(|value| (name, value.as_str()));
        let mut filled: Vec<_> = given("csrf_token").into_iter().collect();
        if form.inputs.contains_key("password") {
            self.sign_ins += 1;
            filled.extend([("email", user.email.as_str()), ("password", user.password.as_str())]);
        } else {
            self.consents += 1;
            filled.push(given(consent.button())?);
        }
        Some(filled)
    }

    fn get(&mut self, url: &Url) -> Answer {
        let answer = web::get(url.as_str(), &[("accept", "text/html"), ("cookie", &self.cookie())]);
        self.keep_cookies(&answer);
        answer
    }

    fn post(&mut self, url: &Url, form: &[(&str, &str)]) -> Answer {
        let headers = [("accept", "text/html"), ("cookie", &self.cookie())];
        let answer = web::post_form(url.as_str(), &headers, form);
        self.keep_cookies(&answer);
        answer
    }

    fn cookie(&self) -> String {
        let pairs: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.trim_matches('"').to_owned());
            }
        }
    }
}

/// The first parameter of that name in the query of a URL.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
