//! A walk through the pages, as a browser takes it.

use std::{collections::BTreeMap, time::Duration};

use ureq::{Agent, Body, http};
use url::{Url, form_urlencoded::Serializer};

use crate::error::SignInError;

/// More pages than any walk has.
const GREATEST_WALK: usize = 12;

type Response = http::Response<Body>;

/// Goes from an authorization URL through the pages as a browser would, with that address and
/// password, agrees to what is asked, and returns the URL that the browser is sent to in the end: the
/// redirect URI with code or error.
///
/// For tests, of any Fief server: the pages of the real one are walked as well. Blocks.
///
/// # Errors
///
/// [`SignInError`], with the code of the error where the server shows a page with one:
/// `bad_credentials`, for example.
pub fn sign_in(url: &str, email: &str, password: &str) -> Result<String, SignInError> {
    walk(url, email, password, "allow")
}

/// The same, with that button of the consent page.
pub(crate) fn walk(
    url: &str,
    email: &str,
    password: &str,
    button: &str,
) -> Result<String, SignInError> {
    let mut url = Url::parse(url).map_err(|_| SignInError::Url)?;
    let redirect_uri = url.query_pairs().find(|(name, _)| name == "redirect_uri");
    let redirect_uri = redirect_uri.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let mut browser = Browser::new();
    let mut response = browser.get(&url)?;
    for _ in 0..GREATEST_WALK {
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        if let Some(location) = location {
            if without_query(location) == without_query(&redirect_uri) {
                return Ok(location.to_owned());
            }
            url = url.join(location).map_err(|_| SignInError::Url)?;
            response = browser.get(&url)?;
            continue;
        }
        let status = response.status().as_u16();
        let code = response.headers().get("x-fief-error").and_then(|value| value.to_str().ok());
        let refused = SignInError::Page { status, code: code.map(str::to_owned) };
        let page = response.body_mut().read_to_string().map_err(failed)?;
        let form = Form::first_of(&page).filter(|_| status == 200);
        let Some((action, filled)) = form.and_then(|form| form.filled(email, password, button))
        else {
            return Err(refused);
        };
        url = url.join(&action).map_err(|_| SignInError::Url)?;
        response = browser.post(&url, &filled)?;
    }
    Err(SignInError::TooManySteps)
}

/// Cookies, and nothing that is followed by itself.
struct Browser {
    agent: Agent,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)));
        Self { agent: config.build().into(), cookies: BTreeMap::new() }
    }

    fn get(&mut self, url: &Url) -> Result<Response, SignInError> {
        let request = self.agent.get(url.as_str()).header("cookie", self.cookie());
        let response = request.header("accept", "text/html").call().map_err(failed)?;
        self.keep_cookies(&response);
        Ok(response)
    }

    fn post(&mut self, url: &Url, form: &[(String, String)]) -> Result<Response, SignInError> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .agent
            .post(url.as_str())
            .header("cookie", self.cookie())
            .header("accept", "text/html")
            .content_type("application/x-www-form-urlencoded");
        let response = request.send(body).map_err(failed)?;
        self.keep_cookies(&response);
        Ok(response)
    }

    fn cookie(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, response: &Response) {
        let lines = response.headers().get_all("set-cookie");
        for line in lines.iter().filter_map(|line| line.to_str().ok()) {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.trim_matches('"').to_owned());
            }
        }
    }
}

fn failed(error: ureq::Error) -> SignInError {
    SignInError::Io(Box::new(error))
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// As much of HTML as the pages need: the first form and its inputs.
struct Form {
    action: String,
    inputs: BTreeMap<String, String>,
}

impl Form {
    fn first_of(page: &str) -> Option<Self> {
        let mut tags = page.split('<').skip(1).map(Tag::parse);
        let mut form = tags.by_ref().find(|tag| tag.name == "form")?;
        let inputs = tags
            .take_while(|tag| tag.name != "/form")
            .filter(|tag| tag.name == "input" || tag.name == "button")
            .filter_map(|mut tag| {
                let value = tag.attributes.remove("value").unwrap_or_default();
                Some((tag.attributes.remove("name")?, value))
            })
            .collect();
        Some(Self { action: form.attributes.remove("action").unwrap_or_default(), inputs })
    }

    /// Where it goes and what with: the login form with address and password, the consent form
    /// with that button. None for any other form.
    fn filled(
        mut self,
        email: &str,
        password: &str,
        button: &str,
    ) -> Option<(String, Vec<(String, String)>)> {
        let mut filled = Vec::new();
        filled.extend(self.inputs.remove_entry("csrf_token"));
        if self.inputs.contains_key("password") {
            filled.push(("email".to_owned(), email.to_owned()));
            filled.push(("password".to_owned(), password.to_owned()));
        } else {
            filled.push(self.inputs.remove_entry(button)?);
        }
        Some((self.action, filled))
    }
}

struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    /// Reads what follows a `<`. A value without quotes counts as empty: the pages quote what
    /// matters.
    fn parse(tag: &str) -> Self {
        let ends = tag.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(tag.len());
        let (name, mut rest) = tag.split_at(ends);
        let mut attributes = BTreeMap::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let ends = |c: char| c.is_whitespace() || c == '=' || c == '>';
            let (attribute, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
            if attribute.is_empty() {
                break;
            }
            let quoted = after.strip_prefix("=\"").and_then(|value| value.split_once('"'));
            let (value, after) = quoted.unwrap_or(("", after.trim_start_matches('=')));
            attributes.insert(attribute.to_owned(), value.replace("&amp;", "&"));
            rest = after;
        }
        Self { name: name.to_ascii_lowercase(), attributes }
    }
}
