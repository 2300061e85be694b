//! The API, as its clients see it.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod program;

use std::time::{SystemTime, UNIX_EPOCH};

use fief_devserver::{Client, DevServer, User};
use fief_examples::embedded::{OTHER_USER, USER, WEB_CLIENT};
use fief_proto::UnixTime;
use fief_ureq::{Config, Fief};
use program::{Program, get, token};
use serde_json::{Value, json};

#[test]
fn answers_with_the_embedded_server() {
    let mut program = Program::start("axum_api", &[]);
    let base_url = program.url("Fief ");
    let api = program.url("API ").replace("/protected", "");
    let config = Config::new(&base_url, WEB_CLIENT.0).client_secret(WEB_CLIENT.1);
    let fief = Fief::new(config).unwrap();
    let callback = format!("{api}/callback");
    let (anne, louis) = (token(&fief, &callback, USER), token(&fief, &callback, OTHER_USER));

    let none = get(&format!("{api}/protected"), None);
    assert_eq!((none.status, none.challenge.as_str()), (401, r#"Bearer realm="fief""#));
    let good = get(&format!("{api}/protected"), Some(&anne));
    let info: Value = serde_json::from_str(&good.body).unwrap();
    assert_eq!((good.status, &info["scope"]), (200, &json!(["openid"])));
    assert_eq!(info.get("access_token"), None, "an answer holds no token");
    assert_eq!(get(&format!("{api}/castles"), Some(&anne)).status, 200);
    let lacking = get(&format!("{api}/castles"), Some(&louis));
    assert_eq!(lacking.status, 403);
    assert!(lacking.challenge.contains("insufficient_scope"), "{}", lacking.challenge);
    assert!(lacking.challenge.contains("castles:read"), "{}", lacking.challenge);
    let garbage = get(&format!("{api}/protected"), Some("garbage"));
    assert_eq!(garbage.status, 401);
    assert!(garbage.challenge.contains("invalid_token"), "{}", garbage.challenge);

    assert_eq!(get(&format!("{api}/hello"), None).body, "Hello, guest!");
    assert_eq!(get(&format!("{api}/hello"), Some(&anne)).body, "Hello, anne@bretagne.duchy!");
    assert_eq!(get(&format!("{api}/catalogue"), None).status, 200);

    let description: Value =
        serde_json::from_str(&get(&format!("{api}/openapi.json"), None).body).unwrap();
    let scheme = &description["components"]["securitySchemes"]["OAuth2AuthorizationCodeBearer"];
    let flow = &scheme["flows"]["authorizationCode"];
    assert_eq!(flow["authorizationUrl"], format!("{base_url}/authorize"));
    assert_eq!(flow["tokenUrl"], format!("{base_url}/api/token"));
    let ui = get(&format!("{api}/docs/"), None);
    assert!(ui.status == 200 && ui.body.contains("swagger-ui"));
    assert_eq!(get(&format!("{api}/docs/oauth2-redirect.html"), None).status, 200);
    let start = get(&format!("{api}/docs/swagger-initializer.js"), None).body;
    assert!(start.contains(WEB_CLIENT.0), "the client ID is filled in: {start}");
}

#[test]
fn answers_with_another_server() {
    // Its clock is more than a day late, so that its tokens have expired.
    let past = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        UnixTime::from_secs(i64::try_from(now).unwrap() - 90_000)
    };
    let old = DevServer::builder().clock(past).start().unwrap();
    let secret = old.client_secret();
    let arguments = ["--base-url", old.base_url(), "--client-id", &old.client_id()];
    let arguments = [&arguments[..], &["--client-secret", secret.expose()]].concat();
    let api = Program::start("axum_api", &arguments).serving();
    let expired = old.access_token(USER.0, &old.client_id(), &["openid"]).unwrap();
    let answer = get(&format!("{}/protected", api.1), Some(expired.expose()));
    assert_eq!(answer.status, 401);
    assert!(answer.challenge.contains("expired"), "{}", answer.challenge);
}

#[test]
fn takes_tokens_of_another_client_once_it_is_named() {
    let server = DevServer::builder()
        .client(Client::confidential("api", "secret"))
        .client(Client::public("tool"))
        .user(User::new(USER.0, USER.1))
        .start()
        .unwrap();
    let token = server.access_token(USER.0, "tool", &["openid"]).unwrap();
    let arguments =
        ["--base-url", server.base_url(), "--client-id", "api", "--client-secret", "secret"];
    let mut api = Program::start("axum_api", &arguments).serving();
    assert_eq!(get(&format!("{}/protected", api.1), Some(token.expose())).status, 401);
    let hint = api.0.says("WARN");
    assert!(hint.contains("tool") && hint.contains("accept_client"), "{hint}");
    let arguments = [&arguments[..], &["--accept-client", "tool"]].concat();
    let api = Program::start("axum_api", &arguments).serving();
    assert_eq!(get(&format!("{}/protected", api.1), Some(token.expose())).status, 200);
}

impl Program {
    /// Itself, and the base URL of its API.
    fn serving(mut self) -> (Self, String) {
        let api = self.url("API ").replace("/protected", "");
        (self, api)
    }
}
