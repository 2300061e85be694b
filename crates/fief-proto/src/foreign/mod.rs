//! Test vectors of others. Each runs through the smallest function that a token passes; one that is
//! a token also runs through the public API.
//!
//! Each module says what it leaves out, and why.

#[cfg(feature = "aws-lc-rs")]
mod decryption;
mod openid;
mod rfc;
mod wycheproof;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    Client, CodeExchange, Config, Error, Provider, UnixTime, UserInfo,
    config::settings::Settings,
    flow::{Flow as _, Input, Response, Step},
    jose::jwk::KeySet,
};

/// A moment at which the examples of the RFCs that expire have not.
const NOW: UnixTime = UnixTime::from_secs(1_300_819_000);

/// The examples of the RFCs and of OpenID Connect Core: facts, each with its source.
fn examples(name: &str) -> Vec<Value> {
    member(name).as_array().unwrap().clone()
}

fn member(name: &str) -> Value {
    let document: Value = serde_json::from_str(include_str!("examples.json")).unwrap();
    document[name].clone()
}

fn string<'a>(example: &'a Value, name: &str) -> &'a str {
    example[name].as_str().unwrap_or_else(|| panic!("no {name} in {example}"))
}

fn bytes(example: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(string(example, name)).unwrap()
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

/// The provider of this client, known at this time, with this key of the examples.
fn provider(client: &Client, key: &str, now: UnixTime) -> Provider {
    let issuer = client.settings().base.as_str();
    let endpoint = |path: &str| format!("{issuer}{path}");
    let discovery = json!({
        "issuer": issuer,
        "authorization_endpoint": endpoint("/authorize"),
        "token_endpoint": endpoint("/token"),
        "userinfo_endpoint": endpoint("/userinfo"),
        "jwks_uri": endpoint("/jwks"),
    });
    let discovery = discovery.to_string();
    Provider::from_documents(client, discovery.as_bytes(), key_set(key).as_bytes(), now).unwrap()
}

/// A whole exchange of a code, in the values of OpenID Connect Core. `example` has the `code`, and
/// the tokens that answer it.
fn exchange(
    client: &Client,
    provider: &Provider,
    now: UnixTime,
    example: &Value,
) -> Result<UserInfo, &'static str> {
    let exchange = CodeExchange::new(string(example, "code"), "https://client.example.org/cb")
        .nonce("n-0S6_WzA2Mj");
    let mut flow = client.auth_callback(exchange).unwrap();
    assert!(matches!(flow.resume(provider, now, Input::Go), Ok(Step::Send(_))));
    let answer = json!({
        "access_token": example["access_token"],
        "token_type": "Bearer",
        "refresh_token": example["refresh_token"],
        "expires_in": 3600,
        "id_token": example["id_token"],
    });
    let answer = Input::Response(Response::new(answer.to_string().into_bytes()));
    match flow.resume(provider, now, answer) {
        Ok(Step::Done((_, user))) => Ok(user),
        Err(Error::IdToken(refused)) => Err(refused.fault().name()),
        other => panic!("neither a user nor a fault of the ID token: {other:?}"),
    }
}

/// An exchange that is answered with this token as the ID token.
fn exchange_for(
    client: &Client,
    provider: &Provider,
    now: UnixTime,
    id_token: &str,
) -> Result<UserInfo, &'static str> {
    let example = json!({
        "code": "SplxlOBeZQQYbYS6WxSbIA",
        "access_token": "SlAV32hkKG",
        "id_token": id_token,
    });
    exchange(client, provider, now, &example)
}
