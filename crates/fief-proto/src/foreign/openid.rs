//! The examples of OpenID Connect Core 1.0 appendix A, through a whole exchange of a code.
//!
//! Left out: A.1 and A.5, which hold no ID token; A.6, whose ID token has both hashes, is A.3 and
//! A.4 in one.

use serde_json::json;

use super::{config, examples, provider, text};
use crate::{CodeExchange, Flow as _, Input, Response, Step, UnixTime, UserInfo, is_valid_hash};

/// Within the lifetime of the examples.
const NOW: UnixTime = UnixTime::from_secs(1_311_281_000);

#[test]
fn each_is_taken() {
    for example in examples("openid") {
        let source = text(&example, "source");
        let user = exchange(text(&example, "id_token"), text(&example, "access_token"), &example);
        assert_eq!(user.as_ref().map(|user| user.sub.as_str()), Ok("248289761001"), "{source}");
    }
}

/// A.3 with another access token, and A.4 with another code.
#[test]
fn the_hashes_are_looked_at() {
    let [_, third, fourth] = &examples("openid")[..] else { panic!("other examples") };
    let other = exchange(text(third, "id_token"), "ANOTHER", third);
    assert_eq!(other.unwrap_err(), "wrong_hash");
    let mut fourth = fourth.clone();
    fourth["code"] = "ANOTHER".into();
    let other = exchange(text(&fourth, "id_token"), "ANOTHER", &fourth);
    assert_eq!(other.unwrap_err(), "wrong_hash");
}

#[test]
fn hashes() {
    let [_, third, fourth] = &examples("openid")[..] else { panic!("other examples") };
    assert!(is_valid_hash(text(third, "access_token"), "77QmUPtjPfzWtF2AnpK9RQ"));
    assert!(is_valid_hash(text(fourth, "code"), "LDktKdoQak3Pk0cnXxCltA"));
}

fn exchange(
    id_token: &str,
    access_token: &str,
    example: &serde_json::Value,
) -> Result<UserInfo, String> {
    let client = config("s6BhdRkqt3").build().unwrap();
    let provider = provider(&client, "openid_a7", NOW);
    let exchange = CodeExchange::new(text(example, "code"), "https://client.example.org/cb")
        .nonce("n-0S6_WzA2Mj");
    let mut flow = client.auth_callback(exchange).unwrap();
    assert!(matches!(flow.resume(&provider, NOW, Input::Go), Ok(Step::Send(_))));
    let answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "id_token": id_token,
    });
    let answer = Input::Response(Response::new(answer.to_string().into_bytes()));
    match flow.resume(&provider, NOW, answer) {
        Ok(Step::Done((_, user))) => Ok(user),
        Ok(Step::Send(_)) => Err("one more request".to_owned()),
        Err(error) => Err(error.reason().unwrap_or_default().to_owned()),
    }
}
