//! What most targets use: one server with its documents, keys and tokens, from the material of the
//! test vectors.

use std::sync::LazyLock;

use fief_proto::{
    Backend, Client, Config, Endpoint, Provider, UnixTime, VerifyRs256, flow::Request,
};
use serde_json::{Value, json};
use url::Url;

use crate::secrets;

/// The moment for which the tokens were made.
pub const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);
pub const BASE: &str = "https://fief.example";
pub const CLIENT_ID: &str = "duchy-app";
pub const REDIRECT_URI: &str = "https://app.example/callback";
/// The entropy of every login: 32 bytes each for `state`, `nonce` and the verifier, which become
/// [`secrets::STATE`], [`secrets::NONCE`] and [`secrets::VERIFIER`].
pub static ENTROPY: LazyLock<[u8; 96]> = LazyLock::new(|| {
    let drawn = [[7_u8; 32], [8; 32], [0x6a; 32]].concat();
    drawn.try_into().expect("three times 32 bytes")
});

/// Accepts every signature, so that a fuzzer reaches the code after the check.
#[derive(Debug)]
struct AcceptAll;

impl VerifyRs256 for AcceptAll {
    fn verify(&self, _: &[u8], _: &[u8], _: &[u8], _: &[u8]) -> bool {
        true
    }
}

/// A client of this server that accepts every signature.
pub fn config_at(base: &str) -> Config {
    Config::new(base, CLIENT_ID).crypto_backend(Backend::Custom(&AcceptAll))
}

pub fn config() -> Config {
    config_at(BASE).client_secret(secrets::PLANTED)
}

/// A confidential client.
pub static CLIENT: LazyLock<Client> =
    LazyLock::new(|| config().build().expect("a valid configuration"));

/// The same, with encrypted ID tokens.
pub static ENCRYPTED: LazyLock<Client> = LazyLock::new(|| {
    let key = key("encryption").to_string();
    config().encryption_key(key).build().expect("a valid configuration")
});

/// A provider that is known and fresh at [`NOW`].
pub static PROVIDER: LazyLock<Provider> = LazyLock::new(|| {
    Provider::from_documents(&CLIENT, &discovery(BASE), &keys(&["first"]), NOW)
        .expect("good documents")
});

static KEYS: LazyLock<Value> = LazyLock::new(|| {
    let keys = include_str!("../../crates/fief-vectors/material/keys.json");
    serde_json::from_str(keys).expect("JSON")
});

static TOKENS: LazyLock<Value> = LazyLock::new(|| {
    let tokens = include_str!("../../crates/fief-vectors/material/tokens.json");
    serde_json::from_str(tokens).expect("JSON")
});

/// A token of the vectors' material.
pub fn token(name: &str) -> String {
    TOKENS[name].as_str().expect("a token of that name").to_owned()
}

pub fn keys(names: &[&str]) -> Vec<u8> {
    let keys: Vec<&Value> = names.iter().map(|name| key(name)).collect();
    json!({ "keys": keys }).to_string().into_bytes()
}

/// A key of the vectors' material.
pub fn key(name: &str) -> &'static Value {
    &KEYS[&format!("jwk_{name}")]
}

pub fn discovery(base: &str) -> Vec<u8> {
    discovery_of(base, base)
}

/// The document of a server whose issuer differs from its endpoints.
pub fn discovery_of(issuer: &str, base: &str) -> Vec<u8> {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/api/token"),
        "userinfo_endpoint": format!("{base}/api/userinfo"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
    })
    .to_string()
    .into_bytes()
}

/// What must hold for every request: it goes to the configured origin, a shared one has no headers
/// or body of a caller, and neither its URL nor its `Debug` shows a secret.
pub fn check_request(request: &Request, base: &str) {
    let http = request.http();
    let (asked, base) = (Url::parse(&http.uri().to_string()), Url::parse(base).expect("a base"));
    let asked = asked.expect("the URL of a request is one");
    assert_eq!(asked.origin(), base.origin(), "a request to another origin");
    assert!(asked.username().is_empty() && asked.password().is_none());
    assert!(asked.fragment().is_none());
    let authorization = http.headers().get("authorization");
    assert!(authorization.is_none_or(http::HeaderValue::is_sensitive));
    let is_shared = matches!(request.endpoint(), Endpoint::Discovery | Endpoint::Keys);
    assert_eq!(is_shared, request.ticket().is_some());
    if is_shared {
        assert!(authorization.is_none() && http.body().is_empty());
        assert_eq!(http.method(), http::Method::GET);
    }
    secrets::check_text(asked.as_str());
    secrets::check_debug(request);
}
