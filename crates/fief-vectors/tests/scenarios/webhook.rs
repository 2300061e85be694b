//! `verify_webhook`, on what the server sends when a driver changes something.

use std::time::{SystemTime, UNIX_EPOCH};

use fief_proto::{UnixTime, verify_webhook};
use http::{HeaderMap, HeaderName};
use serde_json::json;

use super::{app::App, driver::Driver, expect::assert_error, server::Server};

pub fn delivery<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let (tokens, _) = app.sign_in(&user);
    let data = json!({"fields": {"first_name": "Isabeau"}});
    app.fief.update_profile(tokens.access_token.expose(), &data).unwrap();
    let delivery = server.delivery("user.updated", &user.id);

    let headers: HeaderMap = delivery
        .headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
        .collect();
    let (secret, body) = (server.webhook.secret.as_str(), delivery.body.as_bytes());
    let event = app.fief.verify_webhook(secret, &headers, body).unwrap();
    assert_eq!(event.event_type, "user.updated");
    assert_eq!(event.data["id"], user.id.as_str());
    assert_eq!(event.data["fields"]["first_name"], "Isabeau");

    let tampered = delivery.body.replace("Isabeau", "Isabelle");
    let refused = app.fief.verify_webhook(secret, &headers, tampered.as_bytes());
    assert_error(refused, "webhook", "wrong_signature");
    let refused = app.fief.verify_webhook("another secret", &headers, body);
    assert_error(refused, "webhook", "wrong_signature");
    assert_error(verify_webhook(secret, &headers, body, now(600)), "webhook", "too_old");
    assert_error(verify_webhook(secret, &headers, body, now(-600)), "webhook", "in_the_future");
}

fn now(later: i64) -> UnixTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    UnixTime::from_secs(i64::try_from(now).unwrap() + later)
}
