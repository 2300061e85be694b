//! The guards below axum: plain hyper, poem and tonic, called as their clients do; and the store
//! over SQL.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod program;

use fief_examples::embedded::{OTHER_USER, USER, WEB_CLIENT};
use fief_ureq::{Config, Fief};
use program::{Answer, Program, get, token};
use tonic::{Code, metadata::MetadataValue, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

#[test]
fn http_answers_by_the_token() {
    for example in ["hyper_api", "poem_api"] {
        let mut program = Program::start(example, &[]);
        let (api, [reader, other]) = tokens_of(&mut program, "API ");
        assert_eq!(get(&api, None).status, 401, "{example}");
        let Answer { status, challenge, .. } = get(&api, Some("garbage"));
        assert!(status == 401 && challenge.contains("invalid_token"), "{example}: {challenge}");
        let Answer { status, challenge, .. } = get(&api, Some(&other));
        assert!(status == 403 && challenge.contains("castles:read"), "{example}: {challenge}");
        let Answer { status, body, .. } = get(&api, Some(&reader));
        assert!(status == 200 && body.starts_with("Fougères"), "{example}: {body}");
    }
}

/// The URL of the program, and tokens of a user who may read castles and of one who may not.
fn tokens_of(program: &mut Program, what: &str) -> (String, [String; 2]) {
    let base_url = program.url("Fief ");
    let here = program.url(what);
    let config = Config::new(&base_url, WEB_CLIENT.0).client_secret(WEB_CLIENT.1);
    let fief = Fief::new(config).unwrap();
    let tokens = [USER, OTHER_USER].map(|user| token(&fief, &format!("{here}/callback"), user));
    (here, tokens)
}

#[test]
fn grpc_answers_by_the_token() {
    let mut program = Program::start("tonic_api", &[]);
    let (here, [reader, other]) = tokens_of(&mut program, "gRPC ");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let call = |token: Option<&str>| {
        runtime.block_on(async {
            let channel = Channel::from_shared(here.clone()).unwrap().connect().await.unwrap();
            let mut request = tonic::Request::new(HealthCheckRequest::default());
            if let Some(token) = token {
                let value: MetadataValue<_> = format!("Bearer {token}").parse().unwrap();
                request.metadata_mut().insert("authorization", value);
            }
            HealthClient::new(channel).check(request).await
        })
    };
    let reason = |status: &tonic::Status| {
        let reason = status.metadata().get("www-authenticate");
        reason.map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    let none = call(None).unwrap_err();
    assert_eq!(none.code(), Code::Unauthenticated, "{none}");
    assert_eq!(none.message(), "an access token is required");
    let garbage = call(Some("garbage")).unwrap_err();
    assert_eq!(garbage.code(), Code::Unauthenticated);
    assert!(reason(&garbage).contains("invalid_token"), "{garbage:?}");
    let lacking = call(Some(&other)).unwrap_err();
    assert_eq!(lacking.code(), Code::PermissionDenied);
    assert!(reason(&lacking).contains("castles:read"), "{lacking:?}");
    assert!(call(Some(&reader)).is_ok());

    // Another server, which is not there: whether the token is good can't be told.
    let nowhere = ["--base-url", "http://127.0.0.1:1", "--client-id", "x"];
    let mut program = Program::start("tonic_api", &nowhere);
    let here = program.url("gRPC ");
    let down = runtime.block_on(async {
        let channel = Channel::from_shared(here).unwrap().connect().await.unwrap();
        let mut request = tonic::Request::new(HealthCheckRequest::default());
        let value: MetadataValue<_> = format!("Bearer {reader}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
        HealthClient::new(channel).check(request).await.unwrap_err()
    });
    assert_eq!(down.code(), Code::Unavailable, "{down}");
}

#[test]
fn a_store_over_sql_keeps_every_promise() {
    let mut program = Program::start("sql_sessions", &[]);
    assert_eq!(program.says("The store"), "keeps every promise.");
}
