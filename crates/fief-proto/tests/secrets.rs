//! Secrets are put wherever one can be, and must show up in no `Debug` and no error.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fmt::Debug;

use common::{NOW, REDIRECT_URI, client, config, drive, later, ok, provider, status};
use fief_proto::{
    AuthorizationRequest, Client, CodeExchange, EmailCode, Endpoint, Error, NewPassword, Pkce,
    Provider, RefreshRequest, Report, Requirements, Secret, Tokens, UnixTime,
    flow::{Flow, Input, Response, Step},
};
use serde_json::json;

/// As long as a token of Fief, a verifier or a good password, and of their characters.
const PLANTED: &str = "hermine-tincture-1488-hermine-tincture-1488-hermine";

#[track_caller]
fn is_hidden_in(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(PLANTED), "{shown}");
    }
}

#[track_caller]
fn is_hidden_in_error(error: &Error) {
    is_hidden_in(error);
    let report = Report(error).to_string();
    assert!(!report.contains(PLANTED), "{report}");
}

#[test]
fn parameters_and_values() {
    is_hidden_in(&Secret::from(PLANTED));
    is_hidden_in(&config().client_secret(PLANTED).encryption_key(PLANTED));
    is_hidden_in(&fief_proto::Config::new(format!("https://me:{PLANTED}@fief.example"), "id"));
    is_hidden_in(&config().client_secret(PLANTED).build().unwrap());
    is_hidden_in(&Pkce::from_verifier(PLANTED).unwrap());
    is_hidden_in(&Pkce::from_verifier(PLANTED).unwrap().plain_challenge());
    is_hidden_in(&CodeExchange::new(PLANTED, REDIRECT_URI).code_verifier(PLANTED).nonce(PLANTED));
    is_hidden_in(&RefreshRequest::new(PLANTED));
    is_hidden_in(&AuthorizationRequest::new(REDIRECT_URI).state(PLANTED).nonce(PLANTED));
    let tokens: Tokens = serde_json::from_value(json!({
        "access_token": PLANTED, "id_token": PLANTED, "refresh_token": PLANTED,
        "token_type": "bearer",
    }))
    .unwrap();
    is_hidden_in(&tokens);
}

#[test]
fn a_base_url_with_a_password_is_refused_without_it() {
    let config = fief_proto::Config::new(format!("https://me:{PLANTED}@fief.example"), "id");
    is_hidden_in_error(&config.build().unwrap_err());
    is_hidden_in_error(&config_with_key(PLANTED));
    is_hidden_in_error(&config_with_key(&json!({ "kty": "RSA", "d": PLANTED }).to_string()));
}

fn config_with_key(key: &str) -> Error {
    config().encryption_key(key).build().unwrap_err()
}

#[test]
fn requests_and_flows() {
    let client = config().client_secret(PLANTED).build().unwrap();
    let exchange = CodeExchange::new(PLANTED, REDIRECT_URI).code_verifier(PLANTED).nonce(PLANTED);
    show(&client, client.auth_callback(exchange).unwrap());
    show(&client, client.auth_refresh_token(PLANTED).unwrap());
    show(&client, client.userinfo(PLANTED).unwrap());
    show(&client, client.change_password(PLANTED, &NewPassword::new(PLANTED)).unwrap());
    show(&client, client.email_verify("token", &EmailCode::new(PLANTED)).unwrap());
    let login = client.login(REDIRECT_URI, &[7; 96]).unwrap();
    let (login, _) = drive(&client, &mut provider(&client), NOW, login, |_| unreachable!());
    let login = login.unwrap();
    let state = login.pending.state().expose().to_owned();
    assert!(!format!("{login:?}").contains(&state));
    let callback = format!("{REDIRECT_URI}?code={PLANTED}&state={state}");
    show(&client, client.finish_login(login.pending, &callback));
}

/// Checks a flow, each of its requests, and the flow in between.
fn show<F: Flow + Debug>(client: &Client, flow: F) {
    struct Shown<F>(F);
    impl<F: Flow + Debug> Flow for Shown<F> {
        type Output = F::Output;
        fn resume(
            &mut self,
            provider: &Provider,
            now: UnixTime,
            input: Input,
        ) -> Result<Step<F::Output>, Error> {
            is_hidden_in(&self.0);
            let step = self.0.resume(provider, now, input);
            is_hidden_in(&self.0);
            step
        }
    }
    let (outcome, asked) = drive(client, &mut provider(client), NOW, Shown(flow), |request| {
        is_hidden_in(request);
        for value in request.http().headers().get_all("authorization") {
            assert!(value.is_sensitive());
        }
        Ok(status(400, &echo()))
    });
    assert_eq!(asked.len(), 1);
    is_hidden_in_error(&outcome.err().expect("a refusal"));
}

/// A flow that has read a token shows nothing from which it could be restored.
#[test]
fn flows_that_hold_a_token() {
    let client = client();
    let requirements = Requirements::none();
    let access = common::token("access");
    let mut flow = client.validate_access_token(&access, &requirements);
    let mut provider = provider(&client);
    flow.resume(&provider, NOW, Input::Go).unwrap();
    let shows_bytes = |shown: String| shown.contains(", ") && shown.matches(", ").count() > 100;
    for shown in [format!("{flow:?}"), format!("{flow:#?}")] {
        assert!(!shown.contains(&access) && !shows_bytes(shown.clone()), "{shown}");
    }
    let answer = json!({ "access_token": "opaque", "id_token": common::token("id_second"),
                         "token_type": "bearer", "refresh_token": PLANTED });
    let mut flow = client.auth_refresh_token("refresh").unwrap();
    flow.resume(&provider, NOW, Input::Go).unwrap();
    let response = Input::Response(ok(answer.to_string().into_bytes()));
    let Step::Send(request) = flow.resume(&provider, NOW, response).unwrap() else { panic!() };
    assert_eq!(request.endpoint(), Endpoint::Keys);
    is_hidden_in(&flow);
    assert!(!shows_bytes(format!("{flow:?}")), "{flow:?}");
    // The provider of another configuration: the contract is broken, and the new token is still
    // kept.
    client.learn(&mut provider, request.ticket().unwrap(), NOW, Ok(status(503, "")));
    let error = flow.resume(&provider, NOW, Input::Go).unwrap_err();
    assert!(matches!(&error, Error::Unchecked { refresh_token: Some(_), .. }));
    is_hidden_in_error(&error);
}

/// A server that sends back what it got, wherever it can.
fn echo() -> String {
    json!({
        "error": PLANTED, "error_description": PLANTED, "reason": [PLANTED],
        "detail": [{
            "type": PLANTED, "loc": ["body", PLANTED, 3], "msg": format!("not {PLANTED}!"),
            "input": PLANTED, "ctx": { "given": PLANTED },
        }],
    })
    .to_string()
}

/// In whatever spelling a server or a gateway repeats what was sent: as the form had it, as JSON
/// had it, quoted once more, in capitals.
#[test]
fn spellings_of_a_secret() {
    const SECRET: &str = "Tr0ub4dor/+&=x9";
    const PASSWORD: &str = "pass\"word\\with é";
    let client = config().client_secret(SECRET).build().unwrap();
    let quoted = |string: &str| json!(string).to_string();
    let spellings = |string: &str| {
        let form: String = url::form_urlencoded::byte_serialize(string.as_bytes()).collect();
        let json = quoted(string);
        [string.to_owned(), form, json.clone(), quoted(&json), string.to_uppercase()]
    };
    let hidden = |error: &Error, string: &str| {
        let shown = format!("{error:?} {error:#?} {}", Report(error));
        for spelling in spellings(string) {
            assert!(!shown.contains(spelling.trim_matches('"')), "{spelling} in {shown}");
        }
    };
    for spelling in spellings(SECRET) {
        for body in [
            json!({ "error": "invalid_client", "error_description": spelling }),
            json!({ "error": spelling }),
            json!({ "detail": spelling, "reason": spelling }),
        ] {
            for answered in [200, 400] {
                let flow = client.auth_refresh_token("refresh+token/value==").unwrap();
                let answer = |_: &_| Ok(status(answered, &body.to_string()));
                let (outcome, _) = drive(&client, &mut provider(&client), NOW, flow, answer);
                hidden(&outcome.unwrap_err(), SECRET);
            }
        }
    }
    for spelling in spellings(PASSWORD) {
        let msg = format!("Value error, {spelling} is not allowed here");
        let item = json!({ "type": "value_error", "loc": ["body", "password"], "msg": msg,
                           "input": spelling });
        let body = json!({ "detail": [item] }).to_string();
        let flow = client.change_password("token", &NewPassword::new(PASSWORD)).unwrap();
        let answer = |_: &_| Ok(status(422, &body));
        let (outcome, _) = drive(&client, &mut provider(&client), NOW, flow, answer);
        let error = outcome.unwrap_err();
        hidden(&error, PASSWORD);
        assert!(error.to_string().contains("body.password: value_error"), "{error}");
        let flow = client.update_profile("token", &json!({ "password": PASSWORD })).unwrap();
        let (outcome, _) =
            drive(&client, &mut provider(&client), NOW, flow, |_| Ok(status(422, &body)));
        hidden(&outcome.unwrap_err(), PASSWORD);
    }
}

#[test]
fn answers_that_are_malformed() {
    let client = client();
    let bodies = [
        json!({ "access_token": 1, "id_token": PLANTED, "token_type": "bearer" }).to_string(),
        json!({ "access_token": "é", "id_token": PLANTED, "token_type": PLANTED }).to_string(),
        json!({ "access_token": PLANTED, "id_token": PLANTED, "token_type": "bearer",
                "expires_in": PLANTED })
        .to_string(),
        json!({ "access_token": PLANTED, "id_token": PLANTED, "token_type": "bearer" }).to_string(),
        format!(r#"{{"access_token":"{PLANTED}","access_token":"{PLANTED}"}}"#),
        format!(r#""{PLANTED}""#),
        PLANTED.to_owned(),
    ];
    for body in bodies {
        let answer = || ok(body.clone().into_bytes());
        let exchange = CodeExchange::new("code", REDIRECT_URI);
        fails(&client, client.auth_callback(exchange).unwrap(), &answer);
        fails(&client, client.userinfo("token").unwrap(), &answer);
    }
}

fn fails<F: Flow<Output: Debug>>(client: &Client, flow: F, answer: &dyn Fn() -> Response) {
    let (outcome, _) = drive(client, &mut provider(client), NOW, flow, |_| Ok(answer()));
    is_hidden_in_error(&outcome.unwrap_err());
}

#[test]
fn documents_that_are_malformed() {
    let client = client();
    for body in [
        json!({ "issuer": format!("https://me:{PLANTED}@fief.example") }).to_string(),
        json!({ "issuer": 1, PLANTED: PLANTED }).to_string(),
        json!({ "keys": PLANTED }).to_string(),
        json!({ "detail": PLANTED }).to_string(),
    ] {
        for endpoint in [Endpoint::Discovery, Endpoint::Keys] {
            let flow = client.auth_callback(CodeExchange::new("code", REDIRECT_URI)).unwrap();
            let (outcome, _) = drive(&client, &mut Provider::default(), NOW, flow, |request| {
                Ok(match request.endpoint() {
                    asked if asked == endpoint => ok(body.clone().into_bytes()),
                    other => common::document(other),
                })
            });
            is_hidden_in_error(&outcome.unwrap_err());
        }
    }
}

#[test]
fn tokens_that_are_refused() {
    let client = client();
    let good = common::token("access");
    let requirements = Requirements::none();
    let cases = [
        PLANTED.to_owned(),
        format!("{PLANTED}.{PLANTED}.{PLANTED}"),
        format!("{good}{PLANTED}"),
        format!("{good}é"),
    ];
    for token in cases {
        let flow = client.validate_access_token(&token, &requirements);
        let (outcome, _) =
            drive(&client, &mut provider(&client), later(0), flow, |_| unreachable!());
        let error = outcome.unwrap_err();
        is_hidden_in_error(&error);
        assert!(!Report(&error).to_string().contains(&good));
    }
}

#[test]
fn a_redirect_that_carries_the_token_away() {
    let client = client();
    let flow = client.userinfo(PLANTED).unwrap();
    let (outcome, _) = drive(&client, &mut provider(&client), NOW, flow, |_| {
        let location = format!("https://{PLANTED}.evil.example/{PLANTED}");
        Ok(http::Response::builder().status(302).header("location", location).body(vec![]).unwrap())
    });
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.reason()), ("refused", Some("redirect")));
    is_hidden_in_error(&error);
}
