//! Vectors that others have made: each through the narrowest function that a token passes, and what
//! is a token through the public path too.
//!
//! What is left out, and why, stands beside what runs.

#[cfg(feature = "aws-lc-rs")]
mod decryption;
mod openid;
mod rfc;
mod wycheproof;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{Client, Config, Provider, UnixTime, config::Settings, jwk::KeySet};

/// The examples of the RFCs and of OpenID Connect Core: facts, each with its source.
fn examples(name: &str) -> Vec<Value> {
    member(name).as_array().unwrap().clone()
}

fn member(name: &str) -> Value {
    let document: Value = serde_json::from_str(include_str!("examples.json")).unwrap();
    document[name].clone()
}

fn text<'a>(example: &'a Value, name: &str) -> &'a str {
    example[name].as_str().unwrap_or_else(|| panic!("no {name} in {example}"))
}

fn bytes(example: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text(example, name)).unwrap()
}

/// A key set with this key of the examples alone.
fn key_set(name: &str) -> String {
    json!({ "keys": [member("keys")[name]] }).to_string()
}

fn keys(name: &str, settings: &Settings) -> KeySet {
    KeySet::parse(key_set(name).as_bytes(), settings.backend).unwrap()
}

fn config(client_id: &str) -> Config {
    Config::new("https://server.example.com", client_id)
}

/// A provider that is known at this time, and has this key of the examples.
fn provider(client: &Client, key: &str, now: UnixTime) -> Provider {
    let endpoint = |path: &str| format!("https://server.example.com{path}");
    let discovery = json!({
        "issuer": "https://server.example.com",
        "authorization_endpoint": endpoint("/authorize"),
        "token_endpoint": endpoint("/token"),
        "userinfo_endpoint": endpoint("/userinfo"),
        "jwks_uri": endpoint("/jwks"),
    });
    let discovery = discovery.to_string();
    Provider::from_documents(client, discovery.as_bytes(), key_set(key).as_bytes(), now).unwrap()
}
