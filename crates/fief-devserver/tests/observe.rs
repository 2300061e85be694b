//! What a test sees of the requests, and what it can do with `config()` and the clock.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

use std::time::Duration;

use fief_devserver::{Client, DevServer, Endpoint, Fault, LoggedBody, User};
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

#[test]
fn a_secret_is_redacted_wherever_it_is() {
    let server = DevServer::start().unwrap();
    let at = |path: &str| format!("{}{path}", server.base_url());
    let _ = ureq::get(at("/logout?id_token_hint=hidden&new_password=hidden&scope=a&scope=b"))
        .header("authorization", "hidden")
        .header("proxy-authorization", "Basic hidden")
        .header("x-api-key", "hidden")
        .header("x-csrf-token", "hidden")
        .header("referer", "http://localhost:8000/callback?code=hidden&state=s")
        .call();
    let request = server.only_request_to(Endpoint::Logout);
    assert_eq!(request.parameter("scope"), Some("b"), "the last one counts, as for the server");
    assert_eq!(request.header("referer"), Some("http://localhost:8000/callback?[redacted]"));
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    for (content_type, body) in [
        (form, "grant_type=refresh_token&refresh_token=hidden&Client_Secret=hidden"),
        ("application/json", r#"{"users": [{"password": {"new": "hidden"}}], "code": "hidden"}"#),
        ("application/json", r#"["hidden"]"#),
        ("application/json", r#""hidden""#),
        ("application/json", r#"{"password": "hidden""#),
        ("text/plain", "password=hidden"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\nhidden\r\n--x--\r\n"),
    ] {
        let _ = ureq::post(at("/api/token")).content_type(content_type).send(body);
    }
    assert_eq!(server.requests_to(Endpoint::Token), 7);
    let recorded = format!("{:?}", server.requests());
    assert!(!recorded.contains("hidden"), "{recorded}");
}

/// Nothing that was recorded of a sign-in, a refresh and a change holds a secret.
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

/// So does the rest: at the client's next call, with either driver.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_test_asks_for_happens_at_the_next_call() {
    let client = Client::confidential("web", "secret").redirect_uri("http://localhost:1/");
    let server =
        DevServer::builder().client(client.code_lifetime(0).refresh_lifetime(0)).start().unwrap();
    let fief = fief_hyper::Fief::new(server.config()).unwrap();
    let validate = async |token: &str| {
        fief.validate_access_token(token, &Requirements::none()).await.map(drop)
    };
    let token = server.access_token(ANNE, "web", &["openid"]).unwrap();
    validate(token.expose()).await.unwrap();
    server.rotate_keys_with_overlap().unwrap();
    validate(token.expose()).await.unwrap();
    server.fault_times(Endpoint::Keys, Fault::WrongKey, 1);
    validate(token.expose()).await.unwrap_err();
    validate(token.expose()).await.unwrap();
    server.rotate_keys().unwrap();
    validate(token.expose()).await.unwrap_err();

    let login = fief.login("http://localhost:1/").await.unwrap();
    let url = login.url.clone();
    let callback = tokio::task::block_in_place(|| server.sign_in(&url, ANNE, PASSWORD)).unwrap();
    let error = fief.finish_login(login.pending, &callback).await.unwrap_err();
    assert!(error.is_invalid_grant(), "the code has expired: {error}");
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
    // To the end of time, and not around it.
    server.clock().forward(Duration::MAX);
    server.clock().forward(Duration::MAX);
    assert_eq!(server.clock().now().as_secs(), i64::MAX);
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
