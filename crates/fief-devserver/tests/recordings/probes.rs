//! Edge cases: each probe is sent again, and its answer compared.

use std::collections::BTreeMap;

use fief_testkit::http::{self, Answer};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    data,
    findings::{Findings, essence},
    setup::Setup,
    tokens::access_token,
};

#[test]
fn probes() {
    let setup = Setup::start();
    let mut browser = Browser::new(&setup);
    let tokens = BTreeMap::from([
        ("charles", access_token(&mut browser, &setup, "charles")),
        ("charles0", access_token(&mut browser, &setup, "charles")),
        ("anne", access_token(&mut Browser::new(&setup), &setup, "anne")),
    ]);
    let mut findings = Findings::default();
    for (name, probe) in data::probes() {
        let case = format!("probes/{name}");
        findings.case(&case);
        let answer = send(&setup, &probe["request"], &tokens);
        compare(&setup, &mut findings, &case, &probe["response"], &answer);
    }
    findings.check("probes/");
}

fn send(setup: &Setup, request: &Value, tokens: &BTreeMap<&str, String>) -> Answer {
    let text = |name: &str| request[name].as_str();
    // Recorded as Latin-1, so that each character is a byte.
    let body: Option<Vec<u8>> =
        text("body").map(|body| body.chars().map(|c| u8::try_from(c).unwrap()).collect());
    let mut headers = Vec::new();
    let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    if let Some(user) = text("user") {
        add("Authorization", &format!("Bearer {}", tokens[user]));
    }
    if body.is_some() && request["content_type"] != "" {
        add("Content-Type", text("content_type").unwrap_or("application/json"));
    }
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        add(name, &value.as_str().unwrap().replace("TOKEN", &tokens["anne"]));
    }
    let (method, path) = (text("method").unwrap(), text("path").unwrap());
    http::send(setup.base_url(), method, path, &headers, body.as_deref())
}

fn compare(setup: &Setup, findings: &mut Findings, case: &str, recorded: &Value, here: &Answer) {
    findings.compare(case, "status", &recorded["status"], &json!(here.status));
    if recorded["status"] != here.status {
        return;
    }
    for name in ["allow", "content-encoding", "location", "x-fief-error"] {
        if name == "allow" && here.status == 200 {
            // A preflight, in which the header says nothing.
            continue;
        }
        let value = recorded["headers"].get(name).unwrap_or(&Value::Null);
        let value = value.as_str().map(|value| value.replace("BASE", setup.base_url()));
        findings.compare(case, name, &json!(value), &json!(here.header(name)));
    }
    if let Some(origin) = recorded["headers"].get("access-control-allow-origin") {
        let here = here.header("access-control-allow-origin");
        findings.compare(case, "access-control-allow-origin", origin, &json!(here));
    }
    let body = here.json().unwrap_or_default();
    if let Some(value) = recorded.get("value") {
        let slug = case.split('.').nth(1).unwrap();
        findings.compare(case, "value", value, &body["fields"][slug]);
    }
    if let Some(json) = recorded.get("json") {
        findings.compare(case, "body", &essence(json), &essence(&body));
    }
}
