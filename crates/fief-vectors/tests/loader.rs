//! Files that are not understood are refused, with the file and the vector at fault.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)] // Tests may panic.

use std::fs;
use std::path::{Path, PathBuf};

use fief_vectors::load::{load, load_text};
use serde_json::{Value, json};

fn vector() -> Value {
    json!({
        "id": "a/b",
        "comment": "why",
        "source": "RFC 6749",
        "config": "{{confidential}}",
        "clock": 1_790_000_000,
        "calls": [{"operation": "logout_url", "arguments": {"redirect_uri": "a:b"}, "value": {}}],
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut vector = vector();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    vector.pointer_mut(parent).unwrap()[name] = value;
    vector
}

fn file(vectors: &[Value]) -> String {
    json!({"about": "a test", "vectors": vectors}).to_string()
}

/// The error of the loader for a file's content.
fn refusal(text: &str) -> String {
    let error = load_text(Path::new("some.json"), text).unwrap_err().to_string();
    error.strip_prefix("some.json").expect(&error).to_owned()
}

#[test]
fn a_valid_vector_is_accepted() {
    let loaded = load_text(Path::new("some.json"), &file(&[vector()])).unwrap();
    assert_eq!(loaded.len(), 1);
    let placed = loaded[0].placed("http://127.0.0.1:81").unwrap();
    assert_eq!(placed.config.base_url, "http://127.0.0.1:81");
}

#[test]
fn a_file_that_is_no_vector_file() {
    assert!(refusal("[").contains("EOF while parsing"));
    assert!(refusal(r#"{"vectors": []}"#).contains("missing field `about`"));
    assert!(refusal(r#"{"about": "a", "vector": []}"#).contains("unknown field `vector`"));
    assert!(
        refusal(r#"{"about": "a", "define": {"access": ""}, "vectors": []}"#)
            .contains("`access` is defined twice")
    );
}

#[test]
fn unknown_members_at_every_level() {
    let exchange = json!([{"request": {"method": "GET", "path": "/"}, "response": {}}]);
    let mut exchanging = with("/calls/0/exchanges", exchange);
    for pointer in ["", "/calls/0", "/calls/0/arguments", "/calls/0/exchanges/0"]
        .into_iter()
        .chain(["/calls/0/exchanges/0/request", "/calls/0/exchanges/0/response"])
    {
        let before = exchanging.clone();
        exchanging.pointer_mut(pointer).unwrap()["surprise"] = json!(1);
        let refusal = refusal(&file(&[exchanging]));
        assert!(refusal.starts_with(", vector `a/b`: "), "{pointer}: {refusal}");
        assert!(refusal.contains("unknown field `surprise`"), "{pointer}: {refusal}");
        exchanging = before;
    }
    let config = json!({"base_url": "a", "client_id": "b", "client_secrt": "c"});
    assert!(refusal(&file(&[with("/config", config)])).contains("unknown field `client_secrt`"));
    let error = json!({"kind": "request", "statsu": 400});
    assert!(refusal(&file(&[with("/calls/0/error", error)])).contains("unknown field `statsu`"));
}

#[test]
fn what_every_vector_needs() {
    for name in ["id", "comment", "source", "config", "clock", "calls"] {
        let mut lacking = vector();
        lacking.as_object_mut().unwrap().remove(name);
        let refusal = refusal(&file(&[lacking]));
        assert!(refusal.contains(&format!("missing field `{name}`")), "{refusal}");
    }
    for name in ["id", "comment", "source"] {
        let refusal = refusal(&file(&[with(&format!("/{name}"), json!(" "))]));
        assert!(refusal.contains(&format!("`{name}` is empty")), "{refusal}");
    }
    assert!(refusal(&file(&[with("/calls", json!([]))])).contains("there are no calls"));
}

#[test]
fn contradictions() {
    let cases = [
        (file(&[vector(), vector()]), ", vector `a/b`: the id is used twice"),
        (file(&[with("/calls/0/operation", json!("log_out"))]), "there is no operation `log_out`"),
        (file(&[with("/calls/0/error", json!({"kind": "a"}))]), "one of `value` and `error`"),
        (file(&[with("/except", json!({"hyper": ""}))]), "`hyper` has no reason"),
        (file(&[with("/except", json!({"curl": "why"}))]), "there is no runner `curl`"),
        (
            file(&[with(
                "/calls/0/exchanges",
                json!([{"request": {"method": "GET", "path": "/"}, "response": {}, "fault": "cut"}]),
            )]),
            "one of `response` and `fault`",
        ),
        (
            file(&[with(
                "/calls/0/exchanges",
                json!([{
                    "request": {"method": "GET", "path": "/", "headers": {"Host": "a"}},
                    "response": {},
                }]),
            )]),
            "lower case",
        ),
    ];
    for (text, expected) in cases {
        let refusal = refusal(&text);
        assert!(refusal.contains(expected), "expected `{expected}`, got `{refusal}`");
    }
}

#[test]
fn references() {
    let uri = |value: Value| with("/calls/0/arguments/redirect_uri", value);
    let cases = [
        (json!("{{nothing}}"), "`{{nothing}}` is not defined"),
        (json!("a{{confidential}}"), "`confidential` is not a string"),
        (json!({"$from": "access"}), "`access` is not an object"),
        (json!({"$from": "confidential", "$without": ["x"]}), "there is no `x`"),
        (json!({"$form": "confidential"}), "`$form` is unknown"),
        (json!({"$repeat": "a"}), "`$repeat` takes `times`"),
        (json!({"$repeat": "a", "times": 2, "else": 1}), "`$repeat` takes `times`"),
        (json!({"$concat": "a"}), "`$concat` must be a list"),
        (json!({"$concat": [1]}), "`$concat` is not a string"),
    ];
    for (value, expected) in cases {
        let refusal = refusal(&file(&[uri(value)]));
        assert!(refusal.contains(expected), "expected `{expected}`, got `{refusal}`");
    }
    let looping = json!({"about": "a", "define": {"x": "{{y}}", "y": "{{x}}"},
        "vectors": [uri(json!("{{x}}"))]});
    assert!(refusal(&looping.to_string()).contains("is defined by itself"));

    let built = [
        (json!({"$concat": ["a:", {"$repeat": "b", "times": 3}, "{{client}}"]}), "a:bbbme"),
        (json!("https://{{host}}/{{client}}"), "https://fief.example/me"),
        (json!("a template: {{ tenant.name }}"), "a template: {{ tenant.name }}"),
    ];
    for (value, expected) in built {
        let text = json!({"about": "a", "vectors": [uri(value)],
            "define": {"client": "me", "host": "fief.example"}});
        let loaded = load_text(Path::new("some.json"), &text.to_string()).unwrap();
        let arguments = &loaded[0].vector().calls[0].arguments;
        assert_eq!(arguments["redirect_uri"], json!(expected));
    }
}

#[test]
fn folders_and_missing_files() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("loader");
    fs::create_dir_all(folder.join("inner")).unwrap();
    fs::write(folder.join("a.json"), file(&[vector()])).unwrap();
    fs::write(folder.join("inner/b.json"), file(&[with("/id", json!("c"))])).unwrap();
    fs::write(folder.join("README.md"), "not read").unwrap();
    assert_eq!(load([&folder]).unwrap().len(), 2);

    let twice = load([folder.clone(), folder.join("a.json")]).unwrap_err().to_string();
    assert!(twice.contains("the id is used twice"), "{twice}");
    let missing = load([folder.join("none.json")]).unwrap_err().to_string();
    assert!(missing.contains("none.json"), "{missing}");
}
