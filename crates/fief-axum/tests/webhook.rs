//! Webhook deliveries.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use axum::{Router, body::Body, routing::post};
use common::{Answer, send};
use fief_axum::webhook::{Event, Webhook, WebhookSecret};
use fief_testkit::material;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Request;
use serde_json::{Map, Value, json};
use sha2::Sha256;

const SECRET: &str = "marmotte-secret-1532";
const NOW: i64 = material::NOW.as_secs();

fn app() -> Router {
    async fn told(Webhook(event): Webhook) -> String {
        match event {
            Event::UserCreated(user) => format!("welcome {} {}", user.email, user.fields.len()),
            Event::UserPermissionDeleted(taken) => taken.permission.codename,
            Event::Other(event) => format!("other {}: {}", event.event_type, event.data),
            event => event.event_type().to_owned(),
        }
    }
    let secret = WebhookSecret::new(SECRET).clock(|| material::NOW);
    Router::new().route("/webhook", post(told)).with_state(secret)
}

fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let mac = mac.chain_update(timestamp.to_string()).chain_update(b".").chain_update(body);
    let digest = mac.finalize().into_bytes();
    digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

async fn deliver(timestamp: i64, signature: &str, body: &[u8]) -> Answer {
    let request = Request::post("/webhook")
        .header("x-fief-webhook-timestamp", timestamp)
        .header("x-fief-webhook-signature", signature)
        .body(Body::from(body.to_vec()))
        .unwrap();
    send(&app(), request).await
}

async fn signed(body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    deliver(NOW, &signature(SECRET, NOW, &body), &body).await
}

/// Recorded from a Fief server 0.30.0.
fn recorded() -> Map<String, Value> {
    serde_json::from_str(include_str!("data/events.json")).unwrap()
}

#[tokio::test]
async fn every_recorded_event_has_its_type() {
    let recorded = recorded();
    assert_eq!(recorded.len(), 28);
    for (event_type, data) in &recorded {
        let answer = signed(&json!({ "type": event_type, "data": data })).await;
        assert_eq!(answer.status, 200, "{event_type}");
        let expected = match event_type.as_str() {
            "user.created" => "welcome tourist@bretagne.duchy 1",
            "user_permission.deleted" => "tour:take",
            other => other,
        };
        assert_eq!(answer.body, expected);
    }
}

#[tokio::test]
async fn what_is_unknown_is_kept_as_data() {
    let answer = signed(&json!({ "type": "castle.sold", "data": { "price": 3 } })).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"other castle.sold: {"price":3}"#));
    let answer = signed(&json!({ "type": "user.created", "data": { "id": 5 } })).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"other user.created: {"id":5}"#));
}

#[tokio::test]
async fn what_is_not_from_fief_and_now_is_refused() {
    let body = json!({ "type": "user.created", "data": recorded()["user.created"] }).to_string();
    let body = body.as_bytes();
    let good = signature(SECRET, NOW, body);
    assert_eq!(deliver(NOW, &good, body).await.status, 200);
    assert_eq!(deliver(NOW + 1, &good, body).await.status, 403);
    assert_eq!(deliver(NOW, &signature("other", NOW, body), body).await.status, 403);
    assert_eq!(deliver(NOW, &good.to_uppercase(), body).await.status, 403);
    let mut changed = body.to_vec();
    changed.push(b' ');
    assert_eq!(deliver(NOW, &good, &changed).await.status, 403);
    let old = NOW - 301;
    assert_eq!(deliver(old, &signature(SECRET, old, body), body).await.status, 403);
    let bare = Request::post("/webhook").body(Body::from(body.to_vec())).unwrap();
    assert_eq!(send(&app(), bare).await.status, 403);
    let garbage = b"not json";
    assert_eq!(deliver(NOW, &signature(SECRET, NOW, garbage), garbage).await.status, 400);
    let huge = vec![b' '; 3 * 1024 * 1024];
    assert_eq!(deliver(NOW, &signature(SECRET, NOW, &huge), &huge).await.status, 413);
}

#[test]
fn no_secret_is_shown() {
    let client = recorded()["client.created"].clone();
    let secret = client["client_secret"].as_str().unwrap();
    let client: fief_axum::webhook::Client = serde_json::from_value(client.clone()).unwrap();
    assert_eq!(client.client_secret.expose(), secret);
    assert!(!format!("{client:?}").contains(secret));
    assert_eq!(format!("{:?}", WebhookSecret::new("abc")), "WebhookSecret([redacted])");
}
