//! A refusal, of each endpoint. Input: a line with the status, lines of headers, an empty line,
//! the body.
#![no_main]

use std::fmt::Debug;

use fief_fuzz::{drive::drive, secrets, text, world};
use fief_proto::{
    CodeExchange, EmailCode, Endpoint, Error, NewEmail, NewPassword, Provider, Refusal,
    Requirements,
    flow::{Flow, Request, Response},
};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|data: &[u8]| {
    let response = text::response(data);
    // State, nonce and verifier of a login are not in these requests: the server may send them by
    // itself.
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
    let password = client.change_password(token, &NewPassword::new(secrets::PLANTED));
    own(password.expect("a flow"), &response, Endpoint::Password);
    let email = client.email_change(token, &NewEmail::new("anne@bretagne.duchy"));
    own(email.expect("a flow"), &response, Endpoint::EmailChange);
    let email = client.email_verify(token, &EmailCode::new(secrets::PLANTED));
    own(email.expect("a flow"), &response, Endpoint::EmailVerify);
    // A request for a shared document sends no secret that could be echoed.
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
        Err(Error::Refused(refusal)) => check(&refusal, response, endpoint),
        other => panic!("a refusal became {other:?}"),
    }
}

/// A refusal of a shared document: of the first one, or of the keys after a successful discovery.
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
        Err(Error::Refused(refusal)) => check(&refusal, response, refused),
        other => panic!("a refusal became {other:?}"),
    }
}

/// The server's free text may repeat what was sent; that none of it is shown was checked while the
/// flow was driven.
fn check(refusal: &Refusal, response: &Response, endpoint: Endpoint) {
    assert_eq!(refusal.endpoint(), endpoint);
    assert_eq!(refusal.status(), response.status().as_u16());
    assert!(refusal.body().len() <= 8 * 1024 && response.body().starts_with(refusal.body()));
    assert_eq!(refusal.is_invalid_grant(), refusal.oauth_error() == Some("invalid_grant"));
    if refusal.redirect_host().is_some() {
        assert!(response.status().is_redirection() && response.headers().contains_key("location"));
    }
    if let Some(wait) = refusal.retry_after() {
        assert!(response.headers().contains_key("retry-after") && wait.subsec_nanos() == 0);
    }
}
