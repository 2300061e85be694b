//! Ten tests as users would write them for their own application, with what the README describes.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

#[path = "webhook/sink.rs"]
mod sink;

use fief_devserver::{Client, DevServer, Endpoint, Fault, User, Webhook, generate_encryption_key};
use fief_ureq::{Acr, AuthorizationRequest, Error, Fief, Requirements, Tokens, UserInfo};
use serde_json::json;

use crate::sink::Sink;

const CALLBACK: &str = "http://localhost:8000/callback";
const ANNE: &str = "anne@bretagne.duchy";
const PASSWORD: &str = "hermine-tincture-1488";

#[test]
fn with_the_permission_a_user_gets_in() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let (tokens, user) = sign_in(&server, &fief).unwrap();
    assert_eq!(user.email.as_deref(), Some(ANNE));
    may_read(&fief, tokens.access_token.expose()).unwrap();
}

#[test]
fn without_the_permission_a_user_does_not() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    server.revoke(ANNE, "castles:read").unwrap();
    let (tokens, _) = sign_in(&server, &fief).unwrap();
    let error = may_read(&fief, tokens.access_token.expose()).unwrap_err();
    assert_eq!(error.kind(), "access_token_missing_permission");
}

#[test]
fn an_expired_token_is_refused() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let expired = json!({"exp": 0, "permissions": ["castles:read"]});
    let token = server.access_token_with(ANNE, "devserver", expired).unwrap();
    let error = may_read(&fief, token.expose()).unwrap_err();
    assert_eq!(error.kind(), "access_token_expired");
}

#[test]
fn a_token_of_a_rotated_key_is_refused_at_the_next_call() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let token = server.access_token(ANNE, "devserver", &["openid"]).unwrap();
    may_read(&fief, token.expose()).unwrap();
    server.rotate_keys().unwrap();
    may_read(&fief, token.expose()).unwrap_err();
    let token = server.access_token(ANNE, "devserver", &["openid"]).unwrap();
    may_read(&fief, token.expose()).unwrap();
}

#[test]
fn a_step_up_asks_for_the_password_again() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let weak = server.access_token(ANNE, "devserver", &["openid"]).unwrap();
    let required = Requirements::none().acr(Acr::LevelOne);
    fief.validate_access_token(weak.expose(), &required).unwrap_err();
    let request = AuthorizationRequest::new(CALLBACK).acr_values([Acr::LevelOne]);
    let login = fief.login(request).unwrap();
    let callback = server.sign_in(&login.url, ANNE, PASSWORD).unwrap();
    let (tokens, _) = fief.finish_login(login.pending, &callback).unwrap();
    fief.validate_access_token(tokens.access_token.expose(), &required).unwrap();
}

#[test]
fn a_user_who_denies_consent_is_not_signed_in() {
    let client = Client::confidential("web", "secret").third_party().redirect_uri(CALLBACK);
    let server = DevServer::builder().client(client).start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let login = fief.login(CALLBACK).unwrap();
    let callback = server.deny_consent(&login.url, ANNE, PASSWORD).unwrap();
    let error = fief.finish_login(login.pending, &callback).unwrap_err();
    assert!(error.to_string().contains("access_denied"), "{error}");
}

#[test]
fn a_webhook_tells_of_a_new_user() {
    let sink = Sink::answering(Vec::new());
    let webhook = Webhook::new(sink.url(), "secret").event("user.created");
    let server = DevServer::builder().webhook(webhook).start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    server.add_user(User::new("renee@valois.kingdom", PASSWORD)).unwrap();
    let received = sink.into_received().recv().unwrap();
    let event = fief.verify_webhook("secret", &received.headers, received.body.as_bytes());
    assert_eq!(event.unwrap().data["email"], "renee@valois.kingdom");
}

#[test]
fn a_sign_in_survives_an_outage_of_the_token_endpoint() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    server.fault_times(Endpoint::Token, Fault::Status(503), 1);
    sign_in(&server, &fief).unwrap_err();
    sign_in(&server, &fief).unwrap();
    assert_eq!(server.requests_to(Endpoint::Token), 2);
}

#[test]
fn exactly_one_token_request_is_sent_with_this_scope() {
    let server = DevServer::start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    sign_in(&server, &fief).unwrap();
    let asked = server.only_request_to(Endpoint::Authorize);
    assert_eq!(asked.parameter("scope"), Some("openid"));
    assert_eq!(asked.parameter("code_challenge_method"), Some("S256"));
    let sent = server.only_request_to(Endpoint::Token);
    assert_eq!(sent.parameter("grant_type"), Some("authorization_code"));
    assert_eq!(sent.parameter("client_secret"), Some("[redacted]"));
}

#[test]
fn an_encrypted_id_token_is_read() {
    let key = generate_encryption_key(2048).unwrap();
    let client = Client::confidential("web", "secret").encryption_key(key).redirect_uri(CALLBACK);
    let server = DevServer::builder().client(client).start().unwrap();
    let fief = Fief::new(server.config()).unwrap();
    let (tokens, user) = sign_in(&server, &fief).unwrap();
    assert_eq!(tokens.id_token.expose().split('.').count(), 5);
    assert_eq!(user.email.as_deref(), Some(ANNE));
}

fn sign_in(server: &DevServer, fief: &Fief) -> Result<(Tokens, UserInfo), Error> {
    let login = fief.login(CALLBACK)?;
    let callback = server.sign_in(&login.url, ANNE, PASSWORD).unwrap();
    fief.finish_login(login.pending, &callback)
}

/// What the application requires of a request.
fn may_read(fief: &Fief, token: &str) -> Result<(), Error> {
    let required = Requirements::none().permissions(["castles:read"]);
    fief.validate_access_token(token, &required).map(drop)
}
