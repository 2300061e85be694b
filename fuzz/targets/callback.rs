//! What the browser comes back with. Input: the callback; or, from its `{` on, a line with the
//! pending login that an application kept, and then the callback.
#![no_main]

use std::sync::LazyLock;

use fief_fuzz::{drive, secrets, text, world};
use fief_proto::{
    CallbackError, Client, Endpoint, Error, PendingLogin, Provider,
    flow::{FinishLogin, Flow as _, Input, Response, Step},
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use url::form_urlencoded;

fuzz_target!(|data: &str| {
    let (pending, callback) = if data.starts_with('{') {
        let (pending, callback) = text::line(data);
        if serde_json::from_str::<PendingLogin>(pending).is_err() {
            return;
        }
        (pending, callback)
    } else {
        (PENDING.as_str(), data)
    };
    // The state is a secret of the login that was begun here, and of no other.
    let foreign = if data.starts_with('{') { &secrets::ALL[..] } else { &[secrets::PLANTED] };
    let mut texts = form_urlencoded::parse(data.as_bytes()).flat_map(|(name, value)| [name, value]);
    if texts.any(|text| foreign.iter().any(|secret| text.contains(secret))) {
        return;
    }
    let pending = || serde_json::from_str::<PendingLogin>(pending).expect("it was read before");
    finish(&world::PROVIDER, false, pending(), callback);
    finish(&ANNOUNCING, true, pending(), callback);
    let flow = world::CLIENT.finish_login_with_code(pending(), callback);
    drive_to_refusal(flow);
});

/// A login that was just begun, as it is stored.
static PENDING: LazyLock<String> = LazyLock::new(|| {
    let mut flow = world::CLIENT.login(world::REDIRECT_URI, &world::ENTROPY).expect("a login");
    match flow.resume(&world::PROVIDER, world::NOW, Input::Go) {
        Ok(Step::Done(login)) => serde_json::to_string(&login.pending).expect("it serialises"),
        other => panic!("{other:?}"),
    }
});

/// A server that names itself in each callback.
static ANNOUNCING: LazyLock<Provider> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_slice(&world::discovery(world::BASE)).expect("JSON");
    document["authorization_response_iss_parameter_supported"] = true.into();
    let document = document.to_string();
    let keys = world::keys(&["first"]);
    Provider::from_documents(&world::CLIENT, document.as_bytes(), &keys, world::NOW)
        .expect("good documents")
});

fn finish(provider: &Provider, names_itself: bool, pending: PendingLogin, callback: &str) {
    let stored = serde_json::to_value(&pending).expect("it serialises");
    let state = pending.state().expose().to_owned();
    let client: &Client = &world::CLIENT;
    let mut flow = client.finish_login(pending, callback);
    match flow.resume(provider, world::NOW, Input::Go) {
        Ok(Step::Send(request)) => {
            assert_eq!(request.endpoint(), Endpoint::Token);
            world::check_request(&request, world::BASE);
            assert_eq!(stored["issuer"], world::BASE, "a login of another server was accepted");
            check_issuer(callback, names_itself);
            let sent = |wanted: &str| -> Vec<_> {
                form_urlencoded::parse(request.http().body())
                    .filter(|(name, _)| name == wanted)
                    .map(|(_, value)| value.into_owned())
                    .collect()
            };
            assert_eq!(sent("code"), [code(callback, &state)]);
            assert_eq!(sent("code_verifier"), [stored["code_verifier"].as_str().expect("a text")]);
        }
        Ok(Step::Done(_)) => panic!("tokens without a request"),
        Err(error) => {
            secrets::check_error(&error);
            assert!(matches!(error, Error::Callback(_) | Error::Argument(_)), "{error:?}");
            if let Error::Callback(CallbackError::Denied { .. }) = error {
                assert_eq!(parameters(callback, "state"), [state.as_str()]);
            }
        }
    }
    assert!(matches!(flow.resume(provider, world::NOW, Input::Skip), Err(Error::Misuse(_))));
}

/// The code of a callback that was accepted: it is there once, with the right state and without an
/// error.
fn code(callback: &str, state: &str) -> String {
    assert_eq!(parameters(callback, "state"), [state], "another state was accepted");
    assert_eq!(
        parameters(callback, "error"),
        [] as [&str; 0],
        "an error was accepted as a success"
    );
    let mut codes = parameters(callback, "code");
    assert_eq!(codes.len(), 1);
    codes.remove(0)
}

/// The issuer of a callback that was accepted: it is ours, and is missing only if our server does
/// not announce it (RFC 9207 section 2.4).
fn check_issuer(callback: &str, names_itself: bool) {
    let issuers = parameters(callback, "iss");
    assert!(issuers == [world::BASE] || issuers.is_empty() && !names_itself, "{issuers:?}");
}

fn parameters(callback: &str, name: &str) -> Vec<String> {
    let callback = callback.trim();
    let callback = callback.split('#').next().unwrap_or_default();
    let is_url = callback.split('=').next().is_some_and(|head| head.contains([':', '/', '?']));
    let query = match callback.find('?') {
        Some(at) if is_url => &callback[at + 1..],
        _ if is_url => "",
        _ => callback,
    };
    form_urlencoded::parse(query.as_bytes())
        .filter(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// A server that refuses each code.
fn drive_to_refusal(flow: FinishLogin) {
    let mut answer = Response::new(br#"{"error":"invalid_grant"}"#.to_vec());
    *answer.status_mut() = http::StatusCode::BAD_REQUEST;
    assert!(drive::answered(flow, &answer).is_err());
}
