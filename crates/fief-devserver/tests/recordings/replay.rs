//! Sends what was recorded again, and compares the answers.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fief_testkit::http::{self, Answer};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;

use crate::{
    data,
    findings::{Findings, essence},
    setup::Setup,
};

/// The identifier of the default tenant of the recorded server; here it is random.
const RECORDED_TENANT: &str = "975d8fb8-fd60-4f60-a342-6d50d6cbaebe";

pub struct Replay<'a> {
    pub setup: &'a Setup,
    part: &'static str,
    cases: Map<String, Value>,
    findings: Findings,
    tenant: String,
}

impl<'a> Replay<'a> {
    pub fn new(setup: &'a Setup, part: &'static str, cases: Map<String, Value>) -> Self {
        let id = &setup.recorded["clients"]["confidential"]["client_id"];
        let token =
            setup.server.access_token("anne@bretagne.duchy", id.as_str().unwrap(), &["openid"]);
        let headers = [("Authorization".to_owned(), format!("Bearer {}", token.unwrap().expose()))];
        let anne = http::send(setup.base_url(), "GET", "/api/userinfo", &headers, None);
        let tenant = anne.json().unwrap()["tenant_id"].as_str().unwrap().to_owned();
        Self { setup, part, cases, findings: Findings::default(), tenant }
    }

    /// Fails if there is an unknown difference, or if a case was left out.
    pub fn check(self) {
        for case in self.cases.keys().filter(|case| !case.ends_with(".decoded")) {
            let case = format!("{}/{case}", self.part);
            assert!(self.findings.has(&case), "{case} was not sent again");
        }
        self.findings.check(&format!("{}/", self.part));
    }

    pub fn case(&mut self, name: &str) -> (String, Value) {
        let case = format!("{}/{name}", self.part);
        self.findings.case(&case);
        let recorded = self.cases.get(name).unwrap_or_else(|| panic!("no {case}"));
        (case, self.translate(recorded))
    }

    pub fn was_sent(&self, name: &str) -> bool {
        self.findings.has(&format!("{}/{name}", self.part))
    }

    pub fn translate(&self, value: &Value) -> Value {
        let text = self.setup.translate(&value.to_string()).replace(RECORDED_TENANT, &self.tenant);
        serde_json::from_str(&text).unwrap()
    }

    pub fn compare(&mut self, case: &str, what: &str, recorded: &Value, here: &Value) {
        self.findings.compare(case, what, recorded, here);
    }

    /// Sends a recorded request again, with these values in its form or JSON in place of the
    /// recorded ones, and with this token where it had one.
    pub fn exchange(&mut self, name: &str, token: &str, values: &[(&str, &str)]) -> Answer {
        self.exchange_with(name, token, values, &[])
    }

    pub fn exchange_with(
        &mut self,
        name: &str,
        token: &str,
        values: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let (case, recorded) = self.case(name);
        let answer = self.send(&recorded["request"], token, values, headers);
        self.compare_answer(&case, &recorded["response"], &answer);
        answer
    }

    fn send(
        &self,
        request: &Value,
        token: &str,
        values: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> Answer {
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in request["headers"].as_object().unwrap() {
            headers.push((name.clone(), value.as_str().unwrap().replace("TOKEN", token)));
        }
        headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let replaced = |members: &Value| {
            let mut members = members.as_object().unwrap().clone();
            for (name, value) in values {
                assert!(members.contains_key(*name), "{name}");
                members.insert((*name).to_owned(), json!(value));
            }
            members
        };
        let mut content_type = None;
        let mut body = request["body"].as_str().map(|body| body.as_bytes().to_vec());
        if let Some(form) = request.get("form") {
            let mut text = Serializer::new(String::new());
            for (name, value) in replaced(form) {
                text.append_pair(&name, value.as_str().unwrap());
            }
            body = Some(text.finish().into_bytes());
            content_type = Some("application/x-www-form-urlencoded");
        } else if let Some(members) = request.get("json") {
            body = Some(Value::Object(replaced(members)).to_string().into_bytes());
            content_type = Some("application/json");
        }
        headers.extend(content_type.map(|value| ("Content-Type".to_owned(), value.to_owned())));
        let url = request["url"].as_str().unwrap();
        let (_, rest) = url.split_once("://").unwrap();
        let (host, target) = rest.split_at(rest.find('/').unwrap());
        headers.push(("Host".to_owned(), host.to_owned()));
        let method = request["method"].as_str().unwrap();
        http::send(self.setup.base_url(), method, target, &headers, body.as_deref())
    }

    pub fn compare_answer(&mut self, case: &str, recorded: &Value, here: &Answer) {
        self.compare(case, "status", &recorded["status"], &json!(here.status));
        if recorded["status"] != here.status {
            return;
        }
        let shown = headers(here);
        let mut expected = recorded["headers"].as_object().unwrap().clone();
        expected.extend(data::security_headers());
        self.compare(case, "headers", &json!(expected), &json!(shown));
        if let Some(cookies) = recorded.get("set_cookie") {
            let cookies = cookies.as_array().unwrap().iter().map(|cookie| cookie.as_str().unwrap());
            let expected: BTreeSet<_> = cookies.map(cookie).collect();
            let here: BTreeSet<_> = here.all("set-cookie").map(cookie).collect();
            self.compare(case, "cookies", &json!(expected), &json!(here));
        }
        if let Some(body) = recorded.get("json") {
            let here = here.json().unwrap_or_default();
            self.compare(case, "body", &essence(&plain(body)), &essence(&plain(&here)));
        }
    }

    /// Compares the tokens of an answer with the recorded ones.
    pub fn compare_tokens(&mut self, name: &str, tokens: &Value) {
        let case = format!("{}/{name}", self.part);
        let recorded = self.translate(&self.cases[&format!("{name}.decoded")]);
        let access_token = tokens["access_token"].as_str().unwrap();
        let here = claims(access_token, "", self.setup.now());
        let recorded_claims = settled(&recorded["access_token"]);
        self.compare(&case, "access token", &recorded_claims, &here);
        let id_token = tokens["id_token"].as_str().unwrap();
        if let Some(header) = recorded.get("id_token_jwe_header") {
            // Its content is read by the drivers, in a test of their own.
            self.compare(&case, "encrypted ID token", header, &decoded(id_token, 0));
            return;
        }
        let here = claims(id_token, access_token, self.setup.now());
        self.compare(&case, "ID token", &settled(&recorded["id_token"]), &here);
    }
}

fn headers(answer: &Answer) -> Map<String, Value> {
    // Here every answer of the API has cross-origin headers; the probes check them.
    let silent =
        ["access-control-allow-origin", "connection", "content-length", "date", "set-cookie"];
    let said = answer.headers.iter().filter(|(name, _)| !silent.contains(&name.as_str()));
    said.map(|(name, value)| (name.clone(), json!(value))).collect()
}

/// The name of a cookie and its attributes, without its value and date.
fn cookie(line: &str) -> String {
    let (pair, attributes) = line.split_once(';').unwrap();
    let name = pair.split('=').next().unwrap();
    let attributes = attributes.split(';').map(str::trim);
    let kept: BTreeSet<_> =
        attributes.filter(|attribute| !attribute.starts_with("expires")).collect();
    format!("{name} {kept:?}")
}

/// A body without what is random each time.
fn plain(body: &Value) -> Value {
    let mut body = body.clone();
    for name in ["access_token", "id_token", "refresh_token"] {
        if let Some(value) = body.get_mut(name) {
            *value = json!(name);
        }
    }
    for key in body.get_mut("keys").and_then(Value::as_array_mut).into_iter().flatten() {
        for name in ["kid", "n"] {
            key[name] = json!(name);
        }
    }
    body
}

/// Header and claims of a token that was made at that time.
fn claims(token: &str, access_token: &str, now: i64) -> Value {
    let (header, mut claims) = (decoded(token, 0), decoded(token, 1));
    assert_eq!(claims["iat"], now);
    assert_eq!(claims["auth_time"], now);
    if let Some(hash) = claims.get_mut("at_hash") {
        assert_eq!(*hash, half_of_sha256(access_token));
        *hash = json!("at_hash");
    }
    settled(&json!({"header": header, "claims": claims.take()}))
}

/// The left half of the SHA-256 (OpenID Connect Core, section 3.1.3.6).
fn half_of_sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16])
}

fn decoded(token: &str, part: usize) -> Value {
    let part = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A decoded token without what is random each time, and with differences in place of times.
fn settled(token: &Value) -> Value {
    let mut token = token.clone();
    token["header"]["kid"] = json!("kid");
    let claims = token["claims"].as_object_mut().unwrap();
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    claims.insert("exp".to_owned(), json!(format!("iat + {lifetime}")));
    claims.insert("iat".to_owned(), json!("iat"));
    claims.insert("auth_time".to_owned(), json!("auth_time"));
    for hash in ["at_hash", "c_hash"] {
        if claims.contains_key(hash) {
            claims.insert(hash.to_owned(), json!(hash));
        }
    }
    if let Some(Value::Array(permissions)) = claims.get_mut("permissions") {
        permissions.sort_by_key(ToString::to_string);
    }
    token
}
