//! One HTTP request at a time, for what is not the business of the drivers: the login pages and
//! the admin API. Nothing is followed and no proxy is asked.

use std::{sync::LazyLock, time::Duration};

use serde_json::Value;
use ureq::Agent;

pub struct Answer {
    pub status: u16,
    pub body: String,
    headers: http::HeaderMap,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error} in answer {}: {}", self.status, self.body))
    }
}

pub fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    send("GET", url, headers, None)
}

pub fn post_form(url: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    send("POST", url, headers, Some(("application/x-www-form-urlencoded", body)))
}

pub fn post_json(url: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    send("POST", url, headers, Some(("application/json", body.to_string())))
}

fn send(method: &str, url: &str, headers: &[(&str, &str)], body: Option<(&str, String)>) -> Answer {
    let mut request = http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some((kind, _)) = &body {
        request = request.header("content-type", *kind);
    }
    let body = body.map(|(_, text)| text).unwrap_or_default();
    let mut response = AGENT.run(request.body(body).unwrap()).unwrap();
    Answer {
        status: response.status().as_u16(),
        body: response.body_mut().read_to_string().unwrap(),
        headers: response.headers().clone(),
    }
}

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
});
