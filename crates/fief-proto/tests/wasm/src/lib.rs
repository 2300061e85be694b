//! A module that validates a token of the test vectors by itself: without JavaScript, a clock or
//! random numbers.

use fief_proto::{
    Config, Error, Provider, Requirements, UnixTime,
    flow::{Flow as _, Input, Step},
};
use serde_json::Value;

const DISCOVERY: &str = r#"{
    "issuer": "https://fief.example",
    "authorization_endpoint": "https://fief.example/authorize",
    "token_endpoint": "https://fief.example/api/token",
    "userinfo_endpoint": "https://fief.example/api/userinfo",
    "jwks_uri": "https://fief.example/.well-known/jwks.json"
}"#;
const KEYS: &str = include_str!("../../../../fief-vectors/material/keys.json");
const TOKENS: &str = include_str!("../../../../fief-vectors/material/tokens.json");

/// Whether the token of that name is valid at this time: 1 for yes. `which` counts [`NAMES`].
#[unsafe(no_mangle)]
pub extern "C" fn is_valid(which: u32, now: i64) -> i32 {
    let step = validate(which, UnixTime::from_secs(now));
    i32::from(matches!(step, Ok(Step::Done(_))))
}

const NAMES: [&str; 2] = ["access", "access_second"];

fn validate(which: u32, now: UnixTime) -> Result<Step<fief_proto::AccessTokenInfo>, Error> {
    let read = |string| serde_json::from_str::<Value>(string).unwrap_or_default();
    let keys = format!(r#"{{ "keys": [{}] }}"#, read(KEYS)["jwk_first"]);
    let tokens = read(TOKENS);
    let token = tokens[NAMES[which as usize % NAMES.len()]].as_str().unwrap_or_default();

    let client = Config::new("https://fief.example", "duchy-app").build()?;
    let provider = Provider::from_documents(&client, DISCOVERY.as_bytes(), keys.as_bytes(), now)?;
    let requirements = Requirements::none().scope(["openid"]);
    client.validate_access_token(token, &requirements).resume(&provider, now, Input::Go)
}
