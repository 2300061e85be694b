//! What a caller may write: the argument types that the public API accepts, and what its values
//! show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::{error::Error as StdError, io, time::Duration};

use common::{NOW, REDIRECT_URI, client, config, done, later, provider, sent, token};
use fief_proto::{
    AccessTokenError, AccessTokenInfo, Acr, AuthorizationRequest, CodeChallenge, Config, Endpoint,
    Error, Pkce, RefreshRequest, Requirements, Secret, Tokens, TransportError, TransportErrorKind,
    UnixTime, UserInfo,
    flow::{Flow as _, Input},
};
use serde_json::json;
use uuid::Uuid;

const NOTHING_MORE: Requirements = Requirements::none();

#[test]
fn tokens_go_in_as_they_are_kept() {
    let (client, string) = (client(), token("access"));
    let (provider, secret) = (provider(&client), Secret::from(&string));
    done(client.validate_access_token(&secret, &NOTHING_MORE).resume(&provider, NOW, Input::Go));
    done(client.validate_access_token(&string, &NOTHING_MORE).resume(&provider, NOW, Input::Go));
    let tokens = Tokens::new(&string, token("id"));
    let _ = client.userinfo(&tokens.access_token).unwrap();
    let _ = client.auth_refresh_token(secret.clone()).unwrap();
    let _ = client.auth_refresh_token(&secret).unwrap();
    let _ = client.auth_refresh_token(&string).unwrap();
    let owned = "porc-epic-secret-1498".to_owned();
    Config::new("https://fief.example", "id").client_secret(&owned).build().unwrap();
    let _ = client.userinfo_of(&string, Uuid::nil()).unwrap();
    let _ = client.userinfo_of(&string, "a-subject").unwrap();
}

#[test]
fn lists_add_up() {
    let apart = Requirements::none().scope(["a"]).scope(["b"]).permission("x").permission("y");
    let at_once = Requirements::none().scope(["a", "b"]).permissions(["x", "y"]);
    assert_eq!(apart, at_once);
    let request = AuthorizationRequest::new(REDIRECT_URI).scope(["openid"]).scope(["email"]);
    let client = client();
    let mut flow = client.auth_url(request).unwrap();
    let url = done(flow.resume(&provider(&client), NOW, Input::Go));
    assert!(url.contains("scope=openid+email"), "{url}");
    let mut flow =
        client.auth_refresh_token(RefreshRequest::new("r").scope(["a"]).scope(["b"])).unwrap();
    let request = sent(flow.resume(&provider(&client), NOW, Input::Go)).into_http();
    assert!(String::from_utf8(request.into_body()).unwrap().contains("scope=a+b"));
}

/// A page in a browser or a native program has kept the verifier, and sends its challenge.
#[test]
fn a_challenge_of_another_program_goes_into_an_authorization_url() {
    let theirs = Pkce::from_entropy(&[3; 32]).challenge();
    let challenge = CodeChallenge::s256(theirs.value()).unwrap();
    let client = client();
    let mut flow =
        client.auth_url(AuthorizationRequest::new(REDIRECT_URI).code_challenge(challenge)).unwrap();
    let url = done(flow.resume(&provider(&client), NOW, Input::Go));
    assert!(url.contains(theirs.value()) && url.contains("code_challenge_method=S256"), "{url}");
    for other in ["", "short", &"=".repeat(43), &"a".repeat(44)] {
        assert_eq!(CodeChallenge::s256(other).unwrap_err().argument(), "code_challenge");
    }
}

#[test]
fn values_for_the_tests_of_a_program_can_be_made() {
    let id = Uuid::try_parse("545e68d4-b831-43cb-9aec-972543716667").unwrap();
    let mut info = AccessTokenInfo::new(id, "token", later(60));
    info.permissions.push("castles:read".to_owned());
    let mut user = UserInfo::new(id);
    user.email = Some("anne@bretagne.duchy".to_owned());
    assert_eq!(user.id(), Some(info.id));
    let mut tokens = Tokens::new("access", "id");
    assert!(!tokens.is_due(NOW, Duration::ZERO), "it does not say when it expires");
    tokens.expires_at = Some(later(60));
    assert!(!tokens.is_due(NOW, Duration::from_secs(59)));
    assert!(tokens.is_due(NOW, Duration::from_secs(60)));
    assert!(Requirements::none().permission("castles:read").check(&info).is_ok());
}

/// An API may answer with it.
#[test]
fn what_a_token_says_is_serialised_without_the_token() {
    let info = AccessTokenInfo::new(Uuid::nil(), "the-token", later(60));
    let shown = serde_json::to_value(&info).unwrap();
    assert_eq!(shown["id"], json!(Uuid::nil()));
    assert!(shown.get("access_token").is_none() && !shown.to_string().contains("the-token"));
    let whole = serde_json::to_value(info.including_token()).unwrap();
    assert_eq!(whole["access_token"], "the-token");
}

#[test]
fn causes_of_all_kinds_are_kept() {
    let boxed: Box<dyn StdError + Send + Sync> = io::Error::other("cable cut").into();
    let error = TransportError::new(TransportErrorKind::Io, "fief.example").because(boxed);
    assert_eq!(error.source().unwrap().to_string(), "cable cut");
    let other = TransportError::new(TransportErrorKind::Io, "fief.example").because("another");
    assert_eq!(error, other, "causes are not compared");
    let elsewhere = TransportError::new(TransportErrorKind::Io, "other.example");
    assert_ne!(error, elsewhere);
    let boxed_by_question_mark = || -> Result<(), Box<dyn StdError>> {
        let _ = config().build()?.userinfo("token")?;
        Ok(())
    };
    boxed_by_question_mark().unwrap();
}

#[test]
fn errors_answer_what_a_program_decides_on() {
    use TransportErrorKind::{Configuration, Connect, InvalidResponse, Io, Proxy, Timeout, Tls};
    for (kind, is_transient, never_sent) in [
        (Configuration, false, true),
        (Connect, true, true),
        (InvalidResponse, false, false),
        (Io, true, false),
        (Proxy, true, true),
        (Timeout, true, false),
        (Tls, false, false),
    ] {
        let error = TransportError::new(kind, "fief.example");
        let in_time = Error::from(error.clone().before_sending());
        let error = Error::from(error);
        assert_eq!((error.is_transient(), error.never_sent()), (is_transient, never_sent));
        assert!(in_time.never_sent());
        assert_eq!((error.kind(), error.reason()), ("transport", Some(kind.as_str())));
    }
    let expired = Error::AccessToken(AccessTokenError::Expired { by: 61 });
    assert_eq!(expired.access_token().map(AccessTokenError::status), Some(401));
    assert!(expired.to_string().contains("61 seconds"), "{expired}");
    assert_eq!(expired, expired.clone());
}

#[test]
fn small_conversions() {
    assert_eq!("1".parse::<Acr>().unwrap(), Acr::LevelOne);
    assert!("2".parse::<Acr>().is_err());
    assert_eq!(Endpoint::Userinfo.as_str(), "userinfo");
    let time = std::time::UNIX_EPOCH + Duration::from_millis(1_500);
    assert_eq!(UnixTime::from(time), UnixTime::from_secs(1));
}

#[test]
fn durations_that_would_turn_a_check_off_are_refused() {
    for leeway in [Duration::MAX, Duration::from_secs(3_601)] {
        let error = config().leeway(leeway).build().unwrap_err();
        assert_eq!((error.kind(), error.reason()), ("config", Some("duration")));
    }
    config().leeway(Duration::from_millis(1_500)).keys_expire_after(Duration::MAX).build().unwrap();
}
