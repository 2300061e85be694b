//! A browser that walks through the pages.

use std::{collections::BTreeMap, time::Duration};

use ureq::{Agent, Body, http};
use url::{Url, form_urlencoded::Serializer};

use crate::error::SignInError;

/// The most pages of a walk: more than any real one has.
const GREATEST_WALK: usize = 12;

type Response = http::Response<Body>;

/// Signs in with a new [`Browser`].
///
/// ```
/// use fief_devserver::{DevServer, sign_in};
/// # use fief_ureq::Fief;
///
/// let server = DevServer::start()?; // or a real one
/// # let fief = Fief::new(server.config())?;
/// let login = fief.login("http://localhost:8000/callback")?;
/// let callback = sign_in(&login.url, "anne@bretagne.duchy", "hermine-tincture-1488")?;
/// assert!(callback.starts_with("http://localhost:8000/callback?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`Browser::sign_in`].
pub fn sign_in(url: &str, email: &str, password: &str) -> Result<String, SignInError> {
    Browser::default().sign_in(url, email, password)
}

/// One user's browser, for tests of any Fief server: it can walk the pages of the real one too.
///
/// It keeps its cookies as long as it lives, and with them the user's session at Fief: a second
/// sign-in shows no login form unless one is asked for. Its calls block.
///
/// ```
/// use fief_devserver::{Browser, DevServer};
/// # use fief_ureq::Fief;
///
/// let server = DevServer::start()?;
/// # let fief = Fief::new(server.config())?;
/// let mut browser = Browser::default();
/// for _ in 0..2 {
///     let login = fief.login("http://localhost:8000/callback")?;
///     browser.sign_in(&login.url, "anne@bretagne.duchy", "hermine-tincture-1488")?;
/// }
/// assert_eq!(browser.logins(), 1); // the second time, the session was there
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
    logins: usize,
    consents: usize,
}

impl Browser {
    /// Walks the pages from an authorization URL on, with this address and password, gives consent,
    /// and returns the URL that the browser is sent to in the end: the redirect URI with a code or
    /// an error.
    ///
    /// # Errors
    ///
    /// [`SignInError`], with the code of the error where the server shows a page with one:
    /// `bad_credentials`, for example.
    pub fn sign_in(
        &mut self,
        url: &str,
        email: &str,
        password: &str,
    ) -> Result<String, SignInError> {
        self.walk(url, email, password, "allow")
    }

    /// The same for a user who does not agree, where the server asks.
    ///
    /// # Errors
    ///
    /// As [`sign_in`](Self::sign_in).
    pub fn deny_consent(
        &mut self,
        url: &str,
        email: &str,
        password: &str,
    ) -> Result<String, SignInError> {
        self.walk(url, email, password, "deny")
    }

    /// Opens a URL, the logout URL for example, and returns where the server redirects the browser.
    ///
    /// # Errors
    ///
    /// [`SignInError`], if the URL can't be opened or the server can't be reached.
    pub fn redirect_from(&mut self, url: &str) -> Result<Option<String>, SignInError> {
        let response = self.get(&Url::parse(url).map_err(|_| SignInError::Url)?)?;
        Ok(location(&response).map(str::to_owned))
    }

    /// How many login forms it has sent.
    pub fn logins(&self) -> usize {
        self.logins
    }

    /// How many consent forms it has sent.
    pub fn consents(&self) -> usize {
        self.consents
    }

    fn walk(
        &mut self,
        url: &str,
        email: &str,
        password: &str,
        button: &str,
    ) -> Result<String, SignInError> {
        let mut url = Url::parse(url).map_err(|_| SignInError::Url)?;
        let redirect_uri = url.query_pairs().find(|(name, _)| name == "redirect_uri");
        let redirect_uri = redirect_uri.map(|(_, value)| value.into_owned()).unwrap_or_default();
        let mut response = self.get(&url)?;
        for _ in 0..GREATEST_WALK {
            if let Some(location) = location(&response) {
                if without_query(location) == without_query(&redirect_uri) {
                    return Ok(location.to_owned());
                }
                url = url.join(location).map_err(|_| SignInError::Url)?;
                response = self.get(&url)?;
                continue;
            }
            let status = response.status().as_u16();
            let code = response.headers().get("x-fief-error").and_then(|value| value.to_str().ok());
            let refused = SignInError::Page { status, code: code.map(str::to_owned) };
            let page = response.body_mut().read_to_string().map_err(failed)?;
            let form = Form::first_of(&page).filter(|_| status == 200);
            let Some(form) = form else { return Err(refused) };
            let is_login = form.is_login();
            let Some((action, filled)) = form.filled(email, password, button) else {
                return Err(refused);
            };
            url = url.join(&action).map_err(|_| SignInError::Url)?;
            response = self.post(&url, &filled)?;
            *if is_login { &mut self.logins } else { &mut self.consents } += 1;
        }
        Err(SignInError::TooManySteps)
    }

    fn get(&mut self, url: &Url) -> Result<Response, SignInError> {
        let request = agent().get(url.as_str()).header("cookie", self.cookie());
        let response = request.header("accept", "text/html").call().map_err(failed)?;
        self.keep_cookies(&response);
        Ok(response)
    }

    fn post(&mut self, url: &Url, form: &[(String, String)]) -> Result<Response, SignInError> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let request = agent()
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

/// An HTTP client that keeps no cookies and follows no redirect by itself.
fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(60)));
    config.build().into()
}

fn location(response: &Response) -> Option<&str> {
    response.headers().get("location").and_then(|value| value.to_str().ok())
}

fn failed(error: ureq::Error) -> SignInError {
    SignInError::Io(Box::new(error))
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// A parser for the HTML of these pages alone: it finds the first form and its inputs.
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

    fn is_login(&self) -> bool {
        self.inputs.contains_key("password")
    }

    /// The target and the values to send: the login form with address and password, the consent
    /// form with that button. None for any other form.
    fn filled(
        mut self,
        email: &str,
        password: &str,
        button: &str,
    ) -> Option<(String, Vec<(String, String)>)> {
        let mut filled = Vec::new();
        filled.extend(self.inputs.remove_entry("csrf_token"));
        if self.is_login() {
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
    /// Parses a tag, from behind its `<`. A value without quotes counts as empty: the pages quote
    /// all values that are needed.
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
