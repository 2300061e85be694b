//! The token endpoint's success, for a code and for a refresh token. Input: the body.
#![no_main]

use std::sync::LazyLock;

use fief_fuzz::{drive, model, secrets, world};
use fief_proto::{CodeExchange, Error, RefreshRequest, Secret, Tokens, UserInfo, flow::Response};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static PREVIOUS: LazyLock<UserInfo> = LazyLock::new(|| {
    let user = json!({ "sub": "545e68d4-b831-43cb-9aec-972543716667", "iss": world::BASE,
                       "aud": [world::CLIENT_ID] });
    serde_json::from_value(user).expect("a user")
});

fuzz_target!(|data: &[u8]| {
    let answer = Response::new(data.to_vec());
    let exchange = CodeExchange::new(secrets::PLANTED, world::REDIRECT_URI);
    let flow = world::CLIENT.auth_callback(exchange).expect("a good exchange");
    check(data, drive::answered(flow, &answer), Some(secrets::PLANTED));

    let request = RefreshRequest::new(secrets::PLANTED).previous(&PREVIOUS);
    let flow = world::CLIENT.auth_refresh_token(request).expect("a good request");
    let result = drive::answered(flow, &answer);
    if let Ok((_, user)) = &result {
        assert_eq!(user.sub, PREVIOUS.sub, "another user after a refresh");
    }
    check(data, result, None);
});

fn check(data: &[u8], result: Result<(Tokens, UserInfo), Error>, code: Option<&str>) {
    let (tokens, user) = match result {
        Ok(both) => both,
        Err(Error::Unchecked { refresh_token, .. }) => {
            // The new refresh token is not lost, because the old one is spent.
            let answer: Value = serde_json::from_slice(data).expect("JSON");
            let next = answer["refresh_token"].as_str().filter(|_| code.is_none());
            assert_eq!(refresh_token.as_ref().map(Secret::expose), next);
            return;
        }
        Err(error) => {
            assert!(matches!(error, Error::IdToken(_) | Error::Response(_)), "{error:?}");
            return;
        }
    };
    let answer: Value = serde_json::from_slice(data).expect("JSON");
    assert_eq!(answer["access_token"], tokens.access_token.expose());
    assert_eq!(answer["id_token"], tokens.id_token.expose());
    assert!(tokens.token_type.eq_ignore_ascii_case("bearer"));
    let refresh_token = tokens.refresh_token.as_ref().map(Secret::expose);
    assert_eq!(answer.get("refresh_token").and_then(Value::as_str), refresh_token);
    for token in [Some(tokens.access_token.expose()), refresh_token].into_iter().flatten() {
        assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    assert_eq!(answer.get("expires_in").and_then(Value::as_u64), tokens.expires_in);
    let expires_at = tokens.expires_at.map(|time| i128::from(time.as_secs()));
    let expected =
        tokens.expires_in.map(|seconds| i128::from(world::NOW.as_secs()) + i128::from(seconds));
    assert_eq!(expires_at, expected.map(|time| time.min(i64::MAX.into())));
    model::check_id_token(tokens.id_token.expose(), &user, tokens.access_token.expose(), code);
    secrets::check_debug(&tokens);
    let stored = serde_json::to_value(&tokens).expect("it serialises");
    let again: Tokens = serde_json::from_value(stored.clone()).expect("it reads back");
    assert_eq!(serde_json::to_value(&again).expect("it serialises"), stored);
}
