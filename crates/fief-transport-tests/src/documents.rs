//! What a server would answer, for transports without a server.

use fief_proto::{Endpoint, flow::Response};
use http::StatusCode;

/// The issuer of the tokens.
pub const ISSUER: &str = "https://fief.example";

/// The moment for which the tokens were made.
pub const NOW: i64 = 1_790_000_000;

/// A document, or the claims of a user.
pub fn answer(endpoint: Endpoint) -> Response {
    let body = match endpoint {
        Endpoint::Discovery => format!(
            r#"{{"issuer": "{ISSUER}", "authorization_endpoint": "{ISSUER}/authorize",
                "token_endpoint": "{ISSUER}/api/token", "userinfo_endpoint": "{ISSUER}/api/userinfo",
                "jwks_uri": "{ISSUER}/.well-known/jwks.json"}}"#
        ),
        Endpoint::Keys => {
            let keys = include_str!("../../fief-vectors/material/keys.json");
            let (_, key) = keys.split_once("\"jwk_first\":").unwrap();
            let (key, _) = key.split_once('}').unwrap();
            format!("{{\"keys\": [{key}}}]}}")
        }
        _ => r#"{"sub": "545e68d4-b831-43cb-9aec-972543716667"}"#.to_owned(),
    };
    http::Response::builder().status(StatusCode::OK).body(body.into_bytes()).unwrap()
}

/// A token that was made for the test vectors.
pub fn token(name: &str) -> String {
    let tokens = include_str!("../../fief-vectors/material/tokens.json");
    let (_, token) = tokens.split_once(&format!("\"{name}\": \"")).unwrap();
    token.split('"').next().unwrap().to_owned()
}
