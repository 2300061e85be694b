//! Webhooks, from an event in the server to `verify_webhook`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

use std::{collections::BTreeSet, net::TcpListener};

use fief_devserver::{DevServer, StartError, User, Webhook};
use fief_proto::{UnixTime, WebhookEvent, verify_webhook};
use fief_testkit::sink::{Received, Sink};
use serde_json::Value;

const SECRET: &str = "webhook-secret";
const ANNE: &str = "anne@bretagne.duchy";

#[test]
fn events_are_told_in_the_shapes_of_the_real_server() {
    let sink = Sink::answering(Vec::new());
    let server = server(Webhook::new(sink.url(), SECRET));
    let tourist = server.add_user(User::new("tourist@bretagne.duchy", "tour").field("age", 3));
    let tourist = tourist.unwrap().to_string();
    server.grant("tourist@bretagne.duchy", "tour:take").unwrap();
    server.revoke("tourist@bretagne.duchy", "tour:take").unwrap();
    server.remove_user("tourist@bretagne.duchy").unwrap();

    let created = event(&sink.next(), "user.created");
    assert_eq!(created.data["id"], tourist.as_str());
    assert_eq!(created.data["email"], "tourist@bretagne.duchy");
    assert_eq!(created.data["fields"]["age"], 3);
    assert_eq!(keys(&created.data), USER);
    assert_eq!(keys(&created.data["tenant"]), TENANT);
    let permission = event(&sink.next(), "permission.created");
    assert_eq!(keys(&permission.data), PERMISSION);
    for event_type in ["user_permission.created", "user_permission.deleted"] {
        let told = event(&sink.next(), event_type);
        assert_eq!(keys(&told.data), USER_PERMISSION);
        assert_eq!(keys(&told.data["permission"]), PERMISSION);
        assert_eq!(told.data["user_id"], tourist.as_str());
        assert_eq!(told.data["permission_id"], permission.data["id"]);
    }
    let deleted = event(&sink.next(), "user.deleted");
    assert_eq!(deleted.data, created.data);
}

#[test]
fn clients_are_told_with_their_secret() {
    let sink = Sink::answering(Vec::new());
    let server = server(Webhook::new(sink.url(), SECRET));
    server.add_redirect_uri("devserver", "http://localhost:1/callback").unwrap();
    let updated = event(&sink.next(), "client.updated");
    assert_eq!(keys(&updated.data), CLIENT);
    assert_eq!(updated.data["client_secret"], "devserver-secret");
    let uris = updated.data["redirect_uris"].as_array().unwrap();
    assert_eq!(uris.last().unwrap(), "http://localhost:1/callback");
}

#[test]
fn a_delivery_is_signed_and_says_who_sends_it() {
    let sink = Sink::answering(Vec::new());
    let server = DevServer::builder()
        .clock(|| UnixTime::from_secs(1_000_000_000))
        .webhook(Webhook::new(sink.url(), SECRET))
        .start()
        .unwrap();
    server.grant(ANNE, "tour:take").unwrap();
    let Received { headers, body } = sink.next();

    let agent = format!("fief-server-webhooks/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(headers["user-agent"], agent.as_str());
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-fief-webhook-timestamp"], "1000000000");
    let then = UnixTime::from_secs(1_000_000_000);
    verify_webhook(SECRET, &headers, body.as_bytes(), then).unwrap();
    verify_webhook("another", &headers, body.as_bytes(), then).unwrap_err();
}

#[test]
fn only_what_was_asked_for_is_told() {
    let sink = Sink::answering(Vec::new());
    let server = server(Webhook::new(sink.url(), SECRET).event("user.deleted"));
    server.grant(ANNE, "tour:take").unwrap();
    server.remove_user(ANNE).unwrap();
    event(&sink.next(), "user.deleted");
}

#[test]
fn what_is_not_accepted_is_delivered_again() {
    let sink = Sink::answering(vec![500, 302, 200]);
    let server = server(Webhook::new(sink.url(), SECRET).event("user.deleted"));
    server.remove_user(ANNE).unwrap();
    server.remove_user("louis@valois.kingdom").unwrap();
    let attempts: Vec<_> = (0..3).map(|_| event(&sink.next(), "user.deleted").data).collect();
    assert!(attempts.iter().all(|data| data["email"] == ANNE));
    assert_eq!(event(&sink.next(), "user.deleted").data["email"], "louis@valois.kingdom");

    let log = server.deliveries();
    let log: Vec<_> = log.iter().map(|delivery| (delivery.attempt, delivery.status)).collect();
    assert_eq!(log[..3], [(1, Some(500)), (2, Some(302)), (3, Some(200))]);
}

#[test]
fn a_receiver_that_never_answers_delays_no_other() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/webhook", silent.local_addr().unwrap());
    let server = server(Webhook::new(url, SECRET));
    for n in 0..2000 {
        server.grant(ANNE, &format!("tour:{n}")).unwrap();
    }
    drop(server);
}

#[test]
fn a_webhook_elsewhere_is_refused() {
    for url in [
        "http://www.bretagne.duchy/webhook",
        "http://127.0.0.1.bretagne.duchy/webhook",
        "http://10.0.0.1/webhook",
        "https://localhost/webhook",
        "localhost/webhook",
        "",
    ] {
        let refused = DevServer::builder().webhook(Webhook::new(url, SECRET)).start();
        assert!(matches!(refused, Err(StartError::Webhook(named)) if named == url), "{url}");
    }
    for url in ["http://localhost:1/webhook", "http://127.8.8.8:1/", "http://[::1]:1/"] {
        server(Webhook::new(url, SECRET));
    }
    let anywhere = Webhook::new("http://www.bretagne.duchy/webhook", SECRET);
    let builder = DevServer::builder().dangerous_listen_beyond_loopback();
    builder.webhook(anywhere.event("none")).start().unwrap();
}

// As recorded.
const USER: [&str; 9] = [
    "created_at",
    "email",
    "email_verified",
    "fields",
    "id",
    "is_active",
    "tenant",
    "tenant_id",
    "updated_at",
];
const TENANT: [&str; 10] = [
    "application_url",
    "created_at",
    "default",
    "id",
    "logo_url",
    "name",
    "registration_allowed",
    "slug",
    "theme_id",
    "updated_at",
];
const CLIENT: [&str; 15] = [
    "access_id_token_lifetime_seconds",
    "authorization_code_lifetime_seconds",
    "client_id",
    "client_secret",
    "client_type",
    "created_at",
    "encrypt_jwk",
    "first_party",
    "id",
    "name",
    "redirect_uris",
    "refresh_token_lifetime_seconds",
    "tenant",
    "tenant_id",
    "updated_at",
];
const PERMISSION: [&str; 5] = ["codename", "created_at", "id", "name", "updated_at"];
const USER_PERMISSION: [&str; 7] = [
    "created_at",
    "from_role",
    "from_role_id",
    "permission",
    "permission_id",
    "updated_at",
    "user_id",
];

fn server(webhook: Webhook) -> DevServer {
    DevServer::builder().webhook(webhook).start().unwrap()
}

fn event(received: &Received, event_type: &str) -> WebhookEvent {
    let timestamp = received.headers["x-fief-webhook-timestamp"].to_str().unwrap();
    let then = UnixTime::from_secs(timestamp.parse().unwrap());
    let body = received.body.as_bytes();
    let event = verify_webhook(SECRET, &received.headers, body, then).unwrap();
    assert_eq!(event.event_type, event_type);
    event
}

fn keys(document: &Value) -> Vec<&str> {
    let keys: BTreeSet<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    keys.into_iter().collect()
}
