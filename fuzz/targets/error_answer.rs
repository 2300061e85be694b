//! A refusal, of each endpoint. Input: a line with the status, lines of headers, an empty line,
//! the body.
#![no_main]

use std::fmt::Debug;

use fief_fuzz::{drive::drive, secrets, text, world};
use fief_proto::{CodeExchange, Detail, Endpoint, Error, Provider, ProviderError, Refusal, Requirements, flow::{Flow, Request, Response}};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|data: &[u8]| {
    let response = text::response(data);
    // What a login draws is no secret of these requests: the server may say it by itself.
    let holds_drawn = secrets::DRAWN.iter().any(|secret| secrets::holds(data, secret));
    if response.status().is_success() || holds_drawn {
        return;
    }
    let client = &*world::CLIENT;
    let exchange = CodeExchange::new(secrets::PLANTED, world::REDIRECT_URI)
        .code_verifier(secrets::PLANTED)
        .nonce(secrets::PLANTED);
    own(client.auth_callback(exchange).expect("a flow"), &response, Endpoint::Token);
    let refresh = client.auth_refresh_token(secrets::PLANTED);
    own(refresh.expect("a flow"), &response, Endpoint::Token);
    let token = secrets::PLANTED;
    own(client.userinfo(token).expect("a flow"), &response, Endpoint::Userinfo);
    let profile = client.update_profile(token, &json!({ "fields": {} }));
    own(profile.expect("a flow"), &response, Endpoint::Profile);
    let password = client.change_password(token, secrets::PLANTED);
    own(password.expect("a flow"), &response, Endpoint::Password);
    let email = client.email_change(token, "anne@bretagne.duchy");
    own(email.expect("a flow"), &response, Endpoint::EmailChange);
    let email = client.email_verify(token, secrets::PLANTED);
    own(email.expect("a flow"), &response, Endpoint::EmailVerify);
    // Who asks for a shared document sends no secret that could be echoed.
    if !secrets::stand_in(data) {
        shared(&response, Endpoint::Discovery);
        shared(&response, Endpoint::Keys);
    }
});

/// A refusal of the flow's own request.
fn own<F: Flow + Debug>(flow: F, response: &Response, endpoint: Endpoint) {
    let mut provider = world::PROVIDER.clone();
    let answer = |_: &_| response.clone();
    let outcome = drive(&world::CLIENT, world::BASE, &mut provider, world::NOW, flow, answer);
    assert_eq!(outcome.asked, [endpoint], "it is sent once");
    match outcome.result.map(drop) {
        Err(Error::Request(error)) => check(&error, response, endpoint),
        other => panic!("a refusal became {other:?}"),
    }
}

/// A refusal of a document that is everyone's: of the first that is asked for, or of the keys after
/// a discovery that went well.
fn shared(response: &Response, refused: Endpoint) {
    let (token, requirements) = (world::token("access"), Requirements::none());
    let flow = world::CLIENT.validate_access_token(&token, &requirements);
    let mut provider = Provider::default();
    let answer = |request: &Request| match request.endpoint() {
        endpoint if endpoint == refused => response.clone(),
        _ => Response::new(world::discovery(world::BASE)),
    };
    let outcome = drive(&world::CLIENT, world::BASE, &mut provider, world::NOW, flow, answer);
    assert_eq!(outcome.asked.last(), Some(&refused), "nothing follows a refusal");
    match outcome.result {
        Err(Error::Provider(ProviderError::Refused(error))) => check(&error, response, refused),
        other => panic!("a refusal became {other:?}"),
    }
}

fn check(error: &RequestError, response: &Response, endpoint: Endpoint) {
    assert_eq!(error.endpoint(), endpoint);
    assert_eq!(error.status(), response.status().as_u16());
    assert!(error.body().len() <= 8 * 1024 && response.body().starts_with(error.body()));
    assert_eq!(error.is_invalid_grant(), error.oauth_error() == Some("invalid_grant"));
    // What programs show to their users by hand.
    for text in error.oauth_error().into_iter().chain(error.reasons().iter().map(String::as_str)) {
        secrets::check_text(text);
    }
    for text in error.redirect_host().into_iter().chain(error.retry_after()) {
        secrets::check_text(text);
    }
    match error.detail() {
        Some(Detail::Text(text)) => secrets::check_text(text),
        Some(Detail::List(items)) => items.iter().for_each(secrets::check_debug),
        _ => {}
    }
}
