//! A browser that fills in the forms of the sign-in pages, and records where it was.

use std::collections::BTreeMap;

use serde_json::Value;
use url::{Url, form_urlencoded::Serializer};

use crate::{
    http::{self, Answer},
    setup::Setup,
};

pub const REDIRECT_URI: &str = "http://localhost:8000/callback";

pub struct Browser<'a> {
    setup: &'a Setup,
    pub cookies: BTreeMap<String, String>,
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
        Self { setup, cookies: BTreeMap::new(), trail: Vec::new() }
    }

    pub fn send(&mut self, method: &'static str, url: &str, form: Option<&str>) -> Answer {
        let mut headers = vec![("Accept".to_owned(), "text/html".to_owned())];
        if !self.cookies.is_empty() {
            headers.push(("Cookie".to_owned(), self.cookie()));
        }
        if form.is_some() {
            let form = "application/x-www-form-urlencoded".to_owned();
            headers.push(("Content-Type".to_owned(), form));
        }
        let target = url.strip_prefix(self.setup.base_url()).expect("a URL of this server");
        let body = form.map(str::as_bytes);
        let answer = http::send(self.setup.base_url(), method, target, &headers, body);
        for line in answer.all("set-cookie") {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.trim_matches('"').to_owned());
            }
        }
        self.trail.push(Step {
            method,
            url: url.to_owned(),
            status: answer.status,
            location: answer.header("location").map(str::to_owned),
        });
        answer
    }

    pub fn cookie(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Walks from an authorization URL until it leaves the server or gets a page that it can't fill
    /// in. `consent` is the button to press: `allow` or `deny`.
    pub fn walk(&mut self, url: &str, user: &Value, consent: &str) -> End {
        let redirect_uri = Url::parse(url).unwrap();
        let redirect_uri = redirect_uri.query_pairs().find(|(name, _)| name == "redirect_uri");
        let redirect_uri = redirect_uri.map(|(_, value)| value.into_owned()).unwrap_or_default();
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
            let page = answer.text();
            let Some(form) = filled(&page, user, consent).filter(|_| answer.status == 200) else {
                return End::Page(answer);
            };
            url = url.join(&action(&page).unwrap()).unwrap();
            answer = self.send("POST", url.as_str(), Some(&form));
        }
        End::Page(answer)
    }
}

fn filled(page: &str, user: &Value, consent: &str) -> Option<String> {
    let mut form = Serializer::new(String::new());
    if let Some(token) = input(page, "csrf_token") {
        form.append_pair("csrf_token", &token);
    }
    if input(page, "password").is_some() {
        form.append_pair("email", user["email"].as_str().unwrap());
        form.append_pair("password", user["password"].as_str().unwrap());
    } else if page.contains("name=\"allow\"") {
        form.append_pair(consent, consent);
    } else {
        return None;
    }
    Some(form.finish())
}

fn action(page: &str) -> Option<String> {
    let form = page.split("<form").nth(1)?.split('>').next()?;
    attribute(form, "action")
}

/// The value of the input of that name; empty if it has none.
pub fn input(page: &str, name: &str) -> Option<String> {
    let tags = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let mut found = tags.filter(|tag| attribute(tag, "name").as_deref() == Some(name));
    found.next().map(|tag| attribute(tag, "value").unwrap_or_default())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&amp;", "&"))
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap()
}
