//! A vector that states something wrong fails, on each runner.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)] // Tests may panic.

use std::path::Path;

use fief_vectors::load::load_text;
use fief_vectors::run::run;
use fief_vectors::runner::{ByHand, Hyper, Ureq};
use serde_json::{Value, json};

/// A right vector: a refresh of which every part can be made wrong.
fn vector() -> Value {
    json!({
        "id": "right",
        "comment": "All of this is so.",
        "source": "RFC 6749 section 6",
        "config": "{{confidential}}",
        "clock": 1_790_000_000,
        "provider": "{{known}}",
        "calls": [{
            "operation": "auth_refresh_token",
            "arguments": "{{refresh_arguments}}",
            "exchanges": [{
                "request": {
                    "method": "POST",
                    "path": "/api/token",
                    "headers": {"accept": "application/json", "authorization": null},
                    "form": "{{refresh_form}}",
                },
                "response": {"json": {"$from": "token_answer", "id_token": "{{id_refreshed}}"}},
            }],
            "value": {"tokens": {"expires_in": 3600, "refresh_token": null}},
        }],
    })
}

/// What each runner finds wrong with a vector.
fn found(vector: &Value) -> [Vec<String>; 3] {
    let file = json!({"about": "a test", "vectors": [vector]}).to_string();
    let loaded = load_text(Path::new("wrong.json"), &file).unwrap();
    [run::<ByHand>(&loaded[0]), run::<Ureq>(&loaded[0]), run::<Hyper>(&loaded[0])]
}

fn with(pointer: &str, value: Value) -> Value {
    let mut vector = vector();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match vector.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    vector
}

#[test]
fn the_right_one_passes() {
    assert_eq!(found(&vector()), [const { Vec::<String>::new() }; 3]);
}

#[test]
fn every_wrong_statement_is_found() {
    let request = "/calls/0/exchanges/0/request";
    let discovery = json!({"request": "{{discovery_request}}", "response": {"status": 500}});
    let mut too_many = vector();
    // Not a shared document, which might be fetched beside the call and is waited for.
    let exchanges = too_many["calls"][0]["exchanges"].as_array_mut().unwrap();
    exchanges.push(exchanges[0].clone());
    let mut success = vector();
    success["calls"][0].as_object_mut().unwrap().remove("value");
    success["calls"][0]["error"] = json!({"kind": "refused", "reason": "status"});
    let mut first = vector();
    first["calls"][0]["exchanges"].as_array_mut().unwrap().insert(0, discovery);

    let cases = [
        (with("/calls/0/value/tokens/expires_in", json!(1)), "expected 1, got 3600"),
        (with("/calls/0/value/user", json!({"sub": null})), "/user/sub"),
        (with("/calls/0/exchanges", json!([])), "unexpected POST /api/token"),
        (too_many, "which was not sent"),
        (first, "expected GET /.well-known/openid-configuration"),
        (success, "expected `refused/status`, got {"),
        (with(&format!("{request}/method"), json!("PUT")), "expected PUT /api/token"),
        (with(&format!("{request}/path"), json!("/token")), "expected POST /token"),
        (with(&format!("{request}/headers/accept"), json!("text/html")), "header `accept`"),
        (with(&format!("{request}/headers/authorization"), json!("x")), "header `authorization`"),
        (with(&format!("{request}/headers/accept"), json!(null)), "header `accept`"),
        (with(&format!("{request}/form"), json!({"grant_type": "x"})), "expected the form"),
        (with(&format!("{request}/form"), json!(null)), "expected no body"),
        (with("/calls/0/exchanges/0/response", json!({"status": 400})), "expected a value, got"),
        (
            with("/provider", json!({"$from": "known", "keys": {"keys": []}})),
            "the provider: `provider_invalid/",
        ),
        (
            with("/config", json!({"$from": "confidential", "base_url": "http://fief.example"})),
            "the provider: `config/",
        ),
    ];
    for (mut vector, expected) in cases {
        vector["id"] = json!("wrong");
        for found in found(&vector) {
            assert!(
                found.iter().any(|line| line.contains(expected)),
                "expected `{expected}`, found {found:?}"
            );
        }
    }
}

#[test]
fn every_wrong_error_is_found() {
    let refused = |error: Value| {
        let mut vector = with(
            "/calls/0/exchanges/0/response",
            json!({"status": 400, "json": {"error": "invalid_grant"}}),
        );
        vector["calls"][0].as_object_mut().unwrap().remove("value");
        vector["calls"][0]["error"] = error;
        found(&vector)
    };
    let right = json!({
        "kind": "refused",
        "reason": "status",
        "message_contains": ["invalid_grant"],
        "details": {"status": 400},
    });
    assert_eq!(refused(right.clone()), [const { Vec::<String>::new() }; 3]);
    for (name, value) in [
        ("kind", json!("response")),
        ("reason", json!("redirect")),
        ("reason", json!(null)),
        ("message_contains", json!(["invalid_client"])),
        ("details", json!({"status": 401})),
        ("details", json!({"retry_after": "7"})),
    ] {
        let mut wrong = right.clone();
        wrong[name] = value;
        for found in refused(wrong.clone()) {
            assert!(!found.is_empty(), "{wrong} went unnoticed");
        }
    }
}

#[test]
fn an_exception_that_passes_is_found() {
    let mut excepted = vector();
    excepted["except"] = json!({"by-hand": "a reason", "ureq": "a reason", "hyper": "a reason"});
    for found in found(&excepted) {
        assert_eq!(found, ["it passes, although it is excepted: a reason"]);
    }
    excepted["calls"][0]["value"]["tokens"]["expires_in"] = json!(1);
    assert_eq!(found(&excepted), [const { Vec::<String>::new() }; 3]);
}
