//! A provider to test with: the documents and the signed material of the test vectors.

use fief_proto::{Client, Config, Endpoint, Provider, UnixTime, flow::Response};
use serde_json::{Value, json};

/// Who has signed the tokens.
pub const ISSUER: &str = "https://fief.example";

/// Whom they are for.
pub const CLIENT_ID: &str = "duchy-app";

/// Its secret.
pub const CLIENT_SECRET: &str = "porc-epic-secret-1498";

/// Where users come back to it.
pub const REDIRECT_URI: &str = "http://localhost:8000/callback";

/// The user that they are about.
pub const SUBJECT: &str = "545e68d4-b831-43cb-9aec-972543716667";

/// The moment for which they were made. They are valid for an hour.
pub const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

/// A token, by its name among the vectors.
pub fn token(name: &str) -> String {
    let tokens = include_str!("../../fief-vectors/material/tokens.json");
    member(tokens, name).as_str().unwrap_or_else(|| panic!("no token {name}")).to_owned()
}

/// A public key, as JWK.
pub fn key(name: &str) -> Value {
    member(include_str!("../../fief-vectors/material/keys.json"), &format!("jwk_{name}"))
}

/// A key set of these keys.
pub fn keys(names: &[&str]) -> Vec<u8> {
    let keys: Vec<Value> = names.iter().map(|name| key(name)).collect();
    json!({ "keys": keys }).to_string().into_bytes()
}

fn member(document: &str, name: &str) -> Value {
    serde_json::from_str::<Value>(document).unwrap()[name].clone()
}

/// The discovery document.
pub fn discovery() -> Vec<u8> {
    discovery_of(ISSUER)
}

/// That of another issuer.
pub fn discovery_of(issuer: &str) -> Vec<u8> {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/api/token"),
        "userinfo_endpoint": format!("{issuer}/api/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
    })
    .to_string()
    .into_bytes()
}

/// What answers a request for a shared document while all is well.
pub fn document(endpoint: Endpoint) -> Response {
    match endpoint {
        Endpoint::Discovery => ok(discovery()),
        Endpoint::Keys => ok(keys(&["first"])),
        other => panic!("{other} is no shared document"),
    }
}

/// The same, and the claims of the user.
pub fn answer(endpoint: Endpoint) -> Response {
    match endpoint {
        Endpoint::Userinfo => ok(json!({ "sub": SUBJECT }).to_string()),
        other => document(other),
    }
}

/// An answer of status 200.
pub fn ok(body: impl Into<Vec<u8>>) -> Response {
    Response::new(body.into())
}

/// An answer of another status.
pub fn status(status: u16, body: &str) -> Response {
    ::http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
}

/// The client that the tokens are for.
pub fn config() -> Config {
    Config::new(ISSUER, CLIENT_ID).client_secret(CLIENT_SECRET)
}

/// What such a client knows that has just fetched both documents.
pub fn provider(client: &Client) -> Provider {
    Provider::from_documents(client, &discovery(), &keys(&["first"]), NOW).unwrap()
}
