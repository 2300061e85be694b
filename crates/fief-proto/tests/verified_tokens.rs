//! The memory of verified tokens keeps each of its promises.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{NOW, client, config, discovery, done, keys, later, provider, token};
use fief_proto::{
    AccessTokenError, AccessTokenInfo, Acr, Client, Provider, Requirements, UnixTime,
    VerifiedTokens,
    flow::{Flow as _, Input},
};

/// Tokens that are valid.
const GOOD: [&str; 4] =
    ["access", "access_aud_several", "access_acr_missing", "access_azp_missing"];

fn none() -> Requirements {
    Requirements::none()
}

/// A memory that has seen this token at this time.
fn knowing(client: &Client, provider: &Provider, now: UnixTime, string: &str) -> VerifiedTokens {
    let mut known = VerifiedTokens::new(client, 10);
    learn(&mut known, client, provider, now, string);
    assert_eq!(known.len(), 1);
    known
}

fn learn(
    known: &mut VerifiedTokens,
    client: &Client,
    provider: &Provider,
    now: UnixTime,
    string: &str,
) -> AccessTokenInfo {
    let requirements = none();
    let mut flow = client.validate_access_token(string, &requirements);
    let info = done(flow.resume(provider, now, Input::Go));
    known.keep(&flow, &info);
    info
}

fn ask(
    known: &mut VerifiedTokens,
    provider: &Provider,
    now: UnixTime,
    string: &str,
) -> Option<AccessTokenInfo> {
    let outcome = known.validate(string, &none(), provider, now)?;
    Some(outcome.unwrap())
}

#[test]
fn a_known_token_gives_what_the_flow_gave() {
    let (client, string) = (client(), token("access"));
    let provider = provider(&client);
    let mut known = VerifiedTokens::new(&client, 10);
    assert_eq!(ask(&mut known, &provider, NOW, &string), None);
    let info = learn(&mut known, &client, &provider, NOW, &string);
    assert_eq!(ask(&mut known, &provider, NOW, &string), Some(info));
}

#[test]
fn one_byte_more_or_less_is_another_token() {
    let (client, string) = (client(), token("access"));
    let provider = provider(&client);
    let mut known = knowing(&client, &provider, NOW, &string);
    for place in 0..string.len() {
        let mut other = string.clone().into_bytes();
        other[place] ^= 1;
        let other = String::from_utf8(other).unwrap();
        assert_eq!(ask(&mut known, &provider, NOW, &other), None, "byte {place}");
    }
    assert_eq!(ask(&mut known, &provider, NOW, &string[..string.len() - 1]), None);
    assert_eq!(ask(&mut known, &provider, NOW, &format!("{string}A")), None);
    assert_eq!(ask(&mut known, &provider, NOW, &"A".repeat(1 << 20)), None);
}

#[test]
fn what_is_asked_of_the_token_is_checked_each_time() {
    let (client, string) = (client(), token("access"));
    let provider = provider(&client);
    let mut known = knowing(&client, &provider, NOW, &string);
    let mut refused = |requirements: Requirements| {
        known.validate(&string, &requirements, &provider, NOW).expect("it is known").unwrap_err()
    };
    let error = refused(none().permissions(["castles:demolish"]));
    assert!(matches!(error, AccessTokenError::MissingPermission(_)), "{error:?}");
    let error = refused(none().scope(["email"]));
    assert!(matches!(error, AccessTokenError::MissingScope(_)), "{error:?}");
    let zero = token("access_acr_missing");
    learn(&mut known, &client, &provider, NOW, &zero);
    let outcome = known.validate(&zero, &none().acr(Acr::LevelOne), &provider, NOW);
    assert!(matches!(outcome, Some(Err(AccessTokenError::AcrTooLow { .. }))), "{outcome:?}");
}

/// The token expires after an hour. The leeway of a minute is for the validation alone.
#[test]
fn nothing_is_given_after_it_expired_nor_before_it_is_valid() {
    let config = config().keys_due_after(std::time::Duration::from_secs(10_000));
    let (client, string) = (config.build().unwrap(), token("access"));
    let provider = provider(&client);
    let mut known = knowing(&client, &provider, NOW, &string);
    assert!(ask(&mut known, &provider, later(3_599), &string).is_some());
    assert!(ask(&mut known, &provider, later(3_600), &string).is_none());
    // `iat` lies ten seconds back; the provider was fetched at a moment that has not come yet,
    // which makes it stale too. Hence one that was fetched before.
    let early = Provider::from_documents(&client, &discovery(), &keys(&["first"]), later(-500));
    let early = early.unwrap();
    assert!(ask(&mut known, &early, later(-10), &string).is_some());
    assert!(ask(&mut known, &early, later(-11), &string).is_none());
}

#[test]
fn other_keys_empty_it_and_the_same_keys_do_not() {
    let (client, string) = (client(), token("access"));
    let at_hand = provider(&client);
    let mut known = knowing(&client, &at_hand, NOW, &string);
    let refreshed = |names: &[&str]| {
        Provider::from_documents(&client, &discovery(), &keys(names), later(5)).unwrap()
    };
    assert!(ask(&mut known, &refreshed(&["first"]), later(5), &string).is_some());
    assert!(ask(&mut known, &refreshed(&["first", "second"]), later(5), &string).is_none());
    assert!(known.is_empty());
    assert!(ask(&mut known, &at_hand, later(5), &string).is_none(), "forgotten for good");
}

#[test]
fn another_issuer_empties_it() {
    let client = fief_proto::Config::new("https://fief.example", "duchy-app").build().unwrap();
    let (provider, string) = (provider(&client), token("access"));
    let mut known = knowing(&client, &provider, NOW, &string);
    let other = String::from_utf8(discovery()).unwrap().replacen(
        "\"issuer\":\"https://fief.example\"",
        "\"issuer\":\"https://fief.example/\"",
        1,
    );
    let other =
        Provider::from_documents(&client, other.as_bytes(), &keys(&["first"]), NOW).unwrap();
    assert!(ask(&mut known, &other, NOW, &string).is_none());
    assert!(known.is_empty());
}

/// Otherwise they would never be fetched anew while the same tokens keep coming.
#[test]
fn nothing_is_given_by_documents_that_are_due() {
    let (client, string) = (client(), token("access"));
    let provider = provider(&client);
    let mut known = knowing(&client, &provider, NOW, &string);
    assert!(ask(&mut known, &provider, later(599), &string).is_some());
    assert!(ask(&mut known, &provider, later(600), &string).is_none());
    assert!(ask(&mut known, &Provider::default(), NOW, &string).is_none());
}

#[test]
fn only_what_belongs_together_is_kept() {
    let (client, string, other) = (client(), token("access"), token("access_azp_missing"));
    let provider = provider(&client);
    let mut known = VerifiedTokens::new(&client, 10);
    let requirements = none().permissions(["castles:demolish"]);
    let mut flow = client.validate_access_token(&string, &requirements);
    let info = learn(&mut VerifiedTokens::new(&client, 1), &client, &provider, NOW, &string);

    known.keep(&flow, &info);
    assert!(known.is_empty(), "the flow has not begun");
    flow.resume(&provider, NOW, Input::Go).unwrap_err();
    let elsewhere = config().dangerous_accept_any_audience().build().unwrap();
    let mut foreign = VerifiedTokens::new(&elsewhere, 10);
    foreign.keep(&flow, &info);
    assert!(foreign.is_empty(), "the flow of another client");
    let others = learn(&mut VerifiedTokens::new(&client, 1), &client, &provider, NOW, &other);
    known.keep(&flow, &others);
    assert!(known.is_empty(), "the outcome of another flow");
    known.keep(&flow, &info);
    assert_eq!(known.len(), 1, "verified, though not enough for what was asked");
}

#[test]
fn a_token_of_very_many_claims_is_not_kept() {
    let (client, string) = (client(), token("access"));
    let provider = provider(&client);
    let requirements = none();
    let mut flow = client.validate_access_token(&string, &requirements);
    let mut info = done(flow.resume(&provider, NOW, Input::Go));
    let mut known = VerifiedTokens::new(&client, 10);
    info.permissions = vec!["castles:read".to_owned(); 1_000];
    known.keep(&flow, &info);
    assert!(known.is_empty());
    info.permissions.truncate(100);
    known.keep(&flow, &info);
    assert_eq!(known.len(), 1);
}

#[test]
fn it_holds_no_more_than_it_may_and_lets_go_of_the_oldest() {
    let client = client();
    let provider = provider(&client);
    let tokens: Vec<String> = GOOD.iter().map(|name| token(name)).collect();
    let mut known = VerifiedTokens::new(&client, 2);
    for string in &tokens[..3] {
        learn(&mut known, &client, &provider, NOW, string);
    }
    assert_eq!(known.len(), 2);
    assert!(ask(&mut known, &provider, NOW, &tokens[0]).is_none(), "the oldest");
    assert!(ask(&mut known, &provider, NOW, &tokens[1]).is_some());
    assert!(ask(&mut known, &provider, NOW, &tokens[2]).is_some());
    for _ in 0..100 {
        for string in &tokens {
            learn(&mut known, &client, &provider, NOW, string);
            assert_eq!(known.len(), 2);
        }
    }
    let mut none = VerifiedTokens::new(&client, 0);
    learn(&mut none, &client, &provider, NOW, &tokens[0]);
    assert!(none.is_empty());
}

#[test]
fn it_shows_neither_tokens_nor_claims() {
    let (client, string) = (client(), token("access"));
    let provider = provider(&client);
    let known = knowing(&client, &provider, NOW, &string);
    assert_eq!(format!("{known:?}"), "VerifiedTokens { capacity: 10, len: 1, .. }");
}
