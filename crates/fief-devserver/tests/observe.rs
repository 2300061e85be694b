//! What a test sees of the requests, and what it can do with `config()` and the clock.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

use std::time::Duration;

use fief_devserver::{Client, DevServer, Endpoint, LoggedBody, User};
use fief_ureq::{Config, Fief, Requirements};
use serde_json::json;

const ANNE: &str = "anne@bretagne.duchy";
const PASSWORD: &str = "hermine-tincture-1488";

#[test]
fn requests_are_recorded_whole() {
    let server = DevServer::start().unwrap();
    let url = format!("{}/api/profile?a=1&a=2&code=c", server.base_url());
    let sent = ureq::patch(url)
        .header("authorization", "Bearer secret-token")
        .header("cookie", "fief_session=secret-session")
        .header("x-castle", "Nantes")
        .content_type("application/json")
        .send(json!({"fields": {"castles": 4}, "password": "secret-password"}).to_string());
    sent.unwrap_err();
    let request = server.only_request_to(Endpoint::Profile);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("PATCH", "/api/profile"));
    let query = [("a", "1"), ("a", "2"), ("code", "[redacted]")];
    assert_eq!(request.query, query.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(request.header("X-Castle"), Some("Nantes"));
    assert_eq!(request.header("authorization"), Some("Bearer [redacted]"));
    assert_eq!(request.header("cookie"), Some("[redacted]"));
    let body = json!({"fields": {"castles": 4}, "password": "[redacted]"});
    assert_eq!(request.json(), Some(&body));
    assert_eq!(request.status, Some(401));
}

/// The recorded requests of a sign-in, a refresh and a change hold no secret.
#[test]
fn no_secret_is_recorded() {
    let server = DevServer::builder()
        .client(Client::confidential("web", "web-secret").redirect_uri("http://localhost:1/"))
        .user(User::new(ANNE, PASSWORD))
        .start()
        .unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let request = fief_ureq::AuthorizationRequest::new("http://localhost:1/");
    let login = fief.login(request.scope(["openid", "offline_access"])).unwrap();
    let callback = server.sign_in(&login.url, ANNE, PASSWORD).unwrap();
    let (tokens, user) = fief.finish_login(login.pending, &callback).unwrap();
    let refresh = tokens.refresh_token.as_ref().unwrap().expose().to_owned();
    fief.change_password(
        &tokens.access_token,
        &fief_ureq::NewPassword::new("nouvelle-tincture-1491"),
    )
    .unwrap();
    let (_, code) = callback.split_once("code=").unwrap();
    let _ = ureq::post(format!("{}/api/token", server.base_url()))
        .header("authorization", "Basic d2ViOndlYi1zZWNyZXQ=")
        .content_type("application/x-www-form-urlencoded")
        .send(format!("grant_type=refresh_token&refresh_token={refresh}"))
        .unwrap();
    let _ = ureq::post(format!("{}/login", server.base_url()))
        .content_type("text/plain")
        .send(PASSWORD);
    drop(user);

    let recorded = format!("{:?}", server.requests());
    for secret in [
        "web-secret",
        "d2ViOndlYi1zZWNyZXQ",
        PASSWORD,
        "nouvelle-tincture-1491",
        code.split('&').next().unwrap(),
        &refresh,
        tokens.access_token.expose(),
    ] {
        assert!(!recorded.contains(secret), "{secret}");
    }
    let last = server.requests().pop().unwrap();
    assert_eq!(last.body, LoggedBody::Other(PASSWORD.len()));
}

#[test]
#[should_panic(expected = "0 requests to Token, not one")]
fn a_question_that_is_answered_with_no_stops_a_test() {
    DevServer::start().unwrap().only_request_to(Endpoint::Token);
}

/// Without the client's leeway, for which a test would have to wait.
#[test]
fn what_expires_at_once_does() {
    let client = Client::confidential("web", "secret").token_lifetime(0);
    let server = DevServer::builder().client(client).start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let token = server.access_token(ANNE, "web", &["openid"]).unwrap();
    let error = fief.validate_access_token(token.expose(), &Requirements::none()).unwrap_err();
    assert_eq!(error.kind(), "access_token_expired");
}

#[test]
fn one_clock_moves_server_and_client() {
    let server = DevServer::start().unwrap();
    // As in production, but for the clock.
    let config = Config::new(server.base_url(), "devserver").client_secret("devserver-secret");
    let fief = Fief::builder(config).clock(server.clock().reader()).build().unwrap();
    let token = server.access_token(ANNE, "devserver", &["openid"]).unwrap();
    let validate = |token: &str| fief.validate_access_token(token, &Requirements::none());
    validate(token.expose()).unwrap();
    server.clock().forward(Duration::from_secs(86_400 + 60));
    assert_eq!(validate(token.expose()).unwrap_err().kind(), "access_token_expired");
    let token = server.access_token(ANNE, "devserver", &["openid"]).unwrap();
    validate(token.expose()).unwrap();
    assert_eq!(server.clock().now(), fief.now());
}

#[test]
fn a_configuration_is_there_for_each_client() {
    let server = DevServer::start().unwrap();
    let callback = "http://localhost:51562/callback";
    let fief = Fief::new(server.config_for("devserver-public").unwrap()).unwrap();
    let login = fief.login(callback).unwrap();
    let arrived = server.sign_in(&login.url, ANNE, PASSWORD).unwrap();
    fief.finish_login(login.pending, &arrived).unwrap();
    assert_eq!(server.only_request_to(Endpoint::Token).parameter("client_secret"), None);
    server.config_for("unknown").unwrap_err();
}

#[test]
fn a_token_has_the_claims_that_were_chosen() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let claims = json!({"acr": "1", "scope": "openid castles", "permissions": ["tour"]});
    let token = server.access_token_with(ANNE, "devserver", claims).unwrap();
    let required = Requirements::none()
        .scope(["openid", "castles"])
        .acr(fief_ureq::Acr::LevelOne)
        .permissions(["tour"]);
    fief.validate_access_token(token.expose(), &required).unwrap();
    let without = server.access_token_with(ANNE, "devserver", json!({"scope": null})).unwrap();
    fief.validate_access_token(without.expose(), &Requirements::none()).unwrap_err();
    server.access_token_with(ANNE, "devserver", json!([])).unwrap_err();
}
