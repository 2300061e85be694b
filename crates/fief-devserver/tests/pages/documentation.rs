//! The interactive documentation, and the description that it shows.

use std::collections::BTreeSet;

use fief_devserver::DevServer;
use serde_json::{Value, json};

use crate::request::Request;

#[test]
fn it_comes_from_here() {
    let server = DevServer::start().unwrap();
    for (path, content_type) in [
        ("/docs/swagger-ui.css", "text/css"),
        ("/docs/swagger-ui-bundle.js", "text/javascript"),
        ("/docs/oauth2-redirect", "text/html"),
        ("/docs/oauth2-redirect.js", "text/javascript"),
    ] {
        let file = Request::get(path).send(&server);
        assert_eq!((file.status, file.header("content-type")), (200, Some(content_type)), "{path}");
    }
    let set_up = Request::get("/docs/swagger-initializer.js").header("host", "127.0.0.1:7");
    let set_up = set_up.send(&server).body;
    assert!(set_up.contains("\"oauth2RedirectUrl\": \"http://127.0.0.1:7/docs/oauth2-redirect\""));
    assert!(set_up.contains("\"validatorUrl\": \"none\""), "{set_up}");
    // The client is filled in, but not its secret, because other sites can load a script.
    for filled in ["\"clientId\": \"devserver\"", "\"openid\""] {
        assert!(set_up.contains(filled), "{filled}: {set_up}");
    }
    assert!(!set_up.contains("devserver-secret"), "{set_up}");
    for path in ["/docs/nothing.js", "/docs/..%2F..%2FCargo.toml", "/docs/a/b"] {
        assert_eq!(Request::get(path).send(&server).status, 404, "{path}");
    }
}

#[test]
fn the_description_follows_the_host() {
    let server = DevServer::start().unwrap();
    let document = Request::get("/openapi.json").header("host", "127.0.0.1:7").send(&server);
    let document: Value = serde_json::from_str(&document.body).unwrap();
    let scheme = &document["components"]["securitySchemes"]["OAuth2AuthorizationCodeBearer"];
    assert_eq!(scheme["type"], "oauth2");
    let flow = &scheme["flows"]["authorizationCode"];
    assert_eq!(flow["authorizationUrl"], "http://127.0.0.1:7/authorize");
    assert_eq!(flow["tokenUrl"], "http://127.0.0.1:7/api/token");
    let scopes: Vec<_> = flow["scopes"].as_object().unwrap().keys().collect();
    assert_eq!(scopes, ["offline_access", "openid"]);
}

/// Each operation refers to existing parts, has a unique name, and is answered by the server.
#[test]
fn the_description_holds() {
    let server = DevServer::start().unwrap();
    let document = Request::get("/openapi.json").send(&server).body;
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut names = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{operation}");
            let answered = http::Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(format!("{}{path}", server.base_url()))
                .body("")
                .unwrap();
            let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
            let answered = ureq::Agent::from(agent).run(answered).unwrap().status();
            let documented = operation["responses"].get(answered.as_str());
            assert!(documented.is_some(), "{method} {path} answers {answered}");
        }
    }
    assert_eq!(names.len(), 9);
    let referred = references(&document);
    assert!(!referred.is_empty());
    for reference in referred {
        let found = document.pointer(reference.trim_start_matches('#'));
        assert!(found.is_some(), "{reference}");
    }
    assert_eq!(document["openapi"], json!("3.1.0"));
}

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().flat_map(references).collect(),
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        _ => Vec::new(),
    }
}
