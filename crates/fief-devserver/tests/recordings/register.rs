//! The registration form: what is accepted and what is refused.

use fief_testkit::{
    browser::Form,
    http::{self, Answer},
};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use crate::{browser::Browser, data, findings::Findings, setup::Setup};

#[test]
fn registration() {
    let setup = Setup::asking();
    let mut findings = Findings::default();
    for (name, recorded) in data::register() {
        let case = format!("register/{name}");
        findings.case(&case);
        let mut browser = Browser::new(&setup);
        let answer = send(&mut browser, &setup, &recorded);
        findings.compare(&case, "status", &recorded["status"], &json!(answer.status));
        if recorded["status"] != answer.status {
            continue;
        }
        findings.compare(
            &case,
            "x-fief-error",
            recorded.get("code").unwrap_or(&Value::Null),
            &json!(answer.header("x-fief-error")),
        );
        findings.compare(
            &case,
            "location",
            recorded.get("location").unwrap_or(&Value::Null),
            &json!(answer.header("location")),
        );
        let cookies: Vec<_> = browser.cookies.keys().collect();
        findings.compare(&case, "cookies", &recorded["cookies"], &json!(cookies));
        if let Some(kept) = recorded.get("kept") {
            findings.compare(&case, "user", kept, &user(&setup, &kept["email"]));
        }
    }
    findings.check("register/");
}

fn send(browser: &mut Browser<'_>, setup: &Setup, recorded: &Value) -> Answer {
    let url = format!("{}/register", setup.base_url());
    let mut token = "x".to_owned();
    if recorded["session"] == true {
        let page = browser.send("GET", &url, None);
        assert_eq!(page.status, 200);
        Form::first_of(&page.text()).unwrap().inputs["csrf_token"].clone_into(&mut token);
    }
    let mut form = Serializer::new(String::new());
    for (name, value) in recorded["form"].as_object().unwrap_or(&Map::new()) {
        form.append_pair(name, value.as_str().unwrap());
    }
    if recorded["csrf"] == true {
        form.append_pair("csrf_token", &token);
    }
    browser.send("POST", &url, Some(&form.finish()))
}

/// Address and fields of a user, as the admin API shows them.
fn user(setup: &Setup, email: &Value) -> Value {
    let key = format!("Bearer {}", setup.server.api_key().expose());
    let headers = [("Authorization".to_owned(), key)];
    let target = "/admin/api/users/?limit=100";
    let users = http::send(setup.base_url(), "GET", target, &headers, None).json().unwrap();
    let mut found = users["results"].as_array().unwrap().iter();
    let user = found.find(|user| user["email"] == *email).expect("a user");
    json!({"email": user["email"], "fields": user["fields"]})
}
