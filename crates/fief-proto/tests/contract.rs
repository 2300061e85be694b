//! The driving contract: what a driver may do, and what happens if it does something else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{client, document, done, later, ok, provider, sent, status, ticket, token};
use fief_proto::{
    Acr, Client, CodeExchange, Endpoint, Error, Flow, Input, Provider, Requirements, UnixTime,
};
use serde_json::json;

use crate::common::{NOW, REDIRECT_URI, discovery, drive, keys, refused};

fn is_misuse<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Misuse(_)))
}

/// Whether a token of the published key is good now, and what was asked for that.
fn validate(client: &Client, provider: &mut Provider, now: UnixTime) -> (bool, Vec<Endpoint>) {
    let (access, requirements) = (token("access"), Requirements::none());
    let flow = client.validate_access_token(&access, &requirements);
    let (outcome, asked) =
        drive(client, provider, now, flow, |request| Ok(document(request.endpoint())));
    (outcome.is_ok(), asked)
}

#[test]
fn a_flow_begins_with_go() {
    let client = client();
    for input in [Input::Skip, Input::Response(ok(Vec::new()))] {
        let mut flow = client.userinfo("token").unwrap();
        assert!(is_misuse(&flow.resume(&Provider::default(), NOW, input)));
        assert!(is_misuse(&flow.resume(&Provider::default(), NOW, Input::Go)), "it is over");
    }
}

#[test]
fn a_ticket_is_settled_before_the_flow_goes_on() {
    let client = client();
    for input in [Input::Go, Input::Skip, Input::Response(ok(discovery()))] {
        let mut flow = client.userinfo("token").unwrap();
        let ticket = ticket(flow.resume(&Provider::default(), NOW, Input::Go));
        assert!(!ticket.is_optional());
        assert!(is_misuse(&flow.resume(&Provider::default(), NOW, input)));
        assert!(is_misuse(&flow.resume(&provider(&client), NOW, Input::Go)), "it is over");
    }
}

#[test]
fn the_own_request_is_answered_by_a_response() {
    let client = client();
    for input in [Input::Go, Input::Skip] {
        let mut flow = client.userinfo("token").unwrap();
        let request = sent(flow.resume(&provider(&client), NOW, Input::Go));
        assert_eq!((request.ticket(), request.endpoint()), (None, Endpoint::Userinfo));
        assert!(is_misuse(&flow.resume(&provider(&client), NOW, input)));
    }
}

#[test]
fn nothing_follows_the_end() {
    let (client, access, requirements) = (client(), token("access"), Requirements::none());
    let provider = provider(&client);
    let mut flow = client.validate_access_token(&access, &requirements);
    done(flow.resume(&provider, NOW, Input::Go));
    assert!(is_misuse(&flow.resume(&provider, NOW, Input::Go)));

    let mut flow = client.validate_access_token("garbage", &requirements);
    assert!(matches!(flow.resume(&provider, NOW, Input::Go), Err(Error::AccessToken(_))));
    assert!(is_misuse(&flow.resume(&provider, NOW, Input::Go)));

    let mut flow = client.auth_callback(CodeExchange::new("code", REDIRECT_URI)).unwrap();
    sent(flow.resume(&provider, NOW, Input::Go));
    let answer = Input::Response(status(400, r#"{"error":"invalid_grant"}"#));
    let Err(Error::Request(error)) = flow.resume(&provider, NOW, answer) else { panic!("refused") };
    assert!(error.is_invalid_grant());
    assert!(is_misuse(&flow.resume(&provider, NOW, Input::Go)), "the code is not sent again");
}

#[test]
fn a_code_is_sent_once_and_after_the_keys() {
    let client = client();
    let mut provider = Provider::default();
    let flow = client.auth_callback(CodeExchange::new("code", REDIRECT_URI)).unwrap();
    let (outcome, asked) = drive(&client, &mut provider, NOW, flow, |request| {
        Ok(match request.endpoint() {
            Endpoint::Token => ok(json!({
                "access_token": "opaque",
                "id_token": token("access_second"),
                "token_type": "bearer",
            })
            .to_string()
            .into_bytes()),
            endpoint => document(endpoint),
        })
    });
    assert_eq!(outcome.unwrap_err().reason(), Some("unknown_key"));
    // The keys came in this very flow: they are not asked for again.
    assert_eq!(asked, [Endpoint::Discovery, Endpoint::Keys, Endpoint::Token]);
}

#[test]
fn with_fresh_keys_nothing_is_sent() {
    let client = client();
    let mut provider = provider(&client);
    assert_eq!(validate(&client, &mut provider, NOW), (true, vec![]));
    assert_eq!(validate(&client, &mut provider, later(599)), (true, vec![]));
    assert_eq!(validate(&client, &mut provider, later(600)), (true, vec![Endpoint::Keys]));
    assert_eq!(validate(&client, &mut provider, later(1_199)), (true, vec![]), "they are fresh");
}

#[test]
fn garbage_causes_no_request() {
    let (client, requirements) = (client(), Requirements::none());
    for garbage in ["", "a.b.c", "....", "eyJhbGciOiJub25lIn0.e30."] {
        let mut flow = client.validate_access_token(garbage, &requirements);
        let outcome = flow.resume(&Provider::default(), NOW, Input::Go);
        assert!(matches!(outcome, Err(Error::AccessToken(_))), "{garbage}");
    }
}

#[test]
fn a_flow_that_is_told_to_skip_goes_on_with_older_keys() {
    let (client, access, requirements) = (client(), token("access"), Requirements::none());
    let provider = provider(&client);
    let mut flow = client.validate_access_token(&access, &requirements);
    let ticket = ticket(flow.resume(&provider, later(600), Input::Go));
    assert!(ticket.is_optional());
    assert_eq!(ticket.endpoint(), Endpoint::Keys);
    done(flow.resume(&provider, later(600), Input::Skip));
}

#[test]
fn a_failed_refresh_leaves_the_keys_and_backs_off() {
    let (client, access, requirements) = (client(), token("access"), Requirements::none());
    let mut provider = provider(&client);
    let mut attempt = |now| {
        let flow = client.validate_access_token(&access, &requirements);
        let (outcome, asked) = drive(&client, &mut provider, now, flow, |_| Err(refused()));
        outcome.unwrap();
        asked.len()
    };
    assert_eq!(attempt(later(600)), 1);
    assert_eq!(attempt(later(601)), 0, "two seconds of back-off");
    assert_eq!(attempt(later(602)), 1);
    assert_eq!(attempt(later(500)), 0, "the clock was set back, and the keys are fresh again");
    assert_eq!(attempt(later(601)), 1, "a failure in the future throttles nobody");
}

#[test]
fn keys_that_are_too_old_are_not_used() {
    let (client, access, requirements) = (client(), token("access_exp_huge"), Requirements::none());
    let mut provider = provider(&client);
    let day = 24 * 60 * 60;
    let mut attempt = |now| {
        let flow = client.validate_access_token(&access, &requirements);
        drive(&client, &mut provider, now, flow, |_| Err(refused())).0
    };
    attempt(later(day - 1)).unwrap();
    let error = attempt(later(day)).unwrap_err();
    assert_eq!((error.kind(), error.reason()), ("provider_unavailable", Some("transport")));
}

#[test]
fn keys_from_the_future_are_stale_and_usable() {
    let client = client();
    let mut provider =
        Provider::from_documents(&client, &discovery(), &keys(&["first"]), later(5_000)).unwrap();
    let asked = vec![Endpoint::Discovery, Endpoint::Keys];
    assert_eq!(validate(&client, &mut provider, NOW), (true, asked));
}

#[test]
fn a_failure_is_shared_and_not_cached() {
    let client = client();
    let mut provider = Provider::default();
    let mut first = client.userinfo("token").unwrap();
    let mut second = client.userinfo("token").unwrap();
    let ticket_of_first = ticket(first.resume(&provider, NOW, Input::Go));
    let ticket_of_second = ticket(second.resume(&provider, NOW, Input::Go));
    client.learn(&mut provider, ticket_of_first, NOW, Ok(status(500, "")));
    assert!(provider.settled(&ticket_of_second), "who waited has the same answer");
    for flow in [&mut first, &mut second] {
        let error = flow.resume(&provider, NOW, Input::Go).unwrap_err();
        assert_eq!((error.kind(), error.reason()), ("provider_unavailable", Some("status")));
    }
    let mut third = client.userinfo("token").unwrap();
    let ticket = ticket(third.resume(&provider, NOW, Input::Go));
    assert!(!provider.settled(&ticket), "who asks later tries again");
}

#[test]
fn an_unknown_key_is_looked_for_once_a_cooldown() {
    let (client, requirements) = (client(), Requirements::none());
    let (access, rotated) = (token("access"), token("access_second"));
    let mut provider = provider(&client);
    let mut attempt = |token: &str, now, published: &[&str]| {
        let flow = client.validate_access_token(token, &requirements);
        let answer = |_: &_| Ok(ok(keys(published)));
        let (outcome, asked) = drive(&client, &mut provider, now, flow, answer);
        (outcome.map_err(|error| error.reason()), asked.len())
    };
    assert_eq!(attempt(&rotated, NOW, &["first"]), (Err(Some("unknown_key")), 1));
    assert_eq!(attempt(&rotated, later(9), &["first"]), (Err(Some("unknown_key")), 0));
    assert!(matches!(attempt(&rotated, later(10), &["second"]), (Ok(_), 1)), "a rotation");
    assert_eq!(attempt(&access, later(11), &["second"]), (Err(Some("unknown_key")), 0));
    // A clock that was set back: documents from the future are due, a cooldown from it is none.
    assert_eq!(attempt(&access, later(-100), &["second"]), (Err(Some("unknown_key")), 2));
}

#[test]
fn without_a_look_at_the_keys_no_key_is_called_unknown() {
    let (client, requirements, rotated) = (client(), Requirements::none(), token("access_second"));
    let mut provider = provider(&client);
    for seconds in [0, 1] {
        let flow = client.validate_access_token(&rotated, &requirements);
        let (outcome, _) = drive(&client, &mut provider, later(seconds), flow, |_| Err(refused()));
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.reason()), ("provider_unavailable", Some("transport")));
    }
    assert_eq!(validate(&client, &mut provider, later(1)), (true, vec![]), "the old keys are good");
}

#[test]
fn what_was_learned_apart_is_joined() {
    let client = client();
    let mut ours = Provider::default();
    let mut theirs = Provider::default();
    validate(&client, &mut ours, NOW);
    let mut flow = client.userinfo("token").unwrap();
    let ticket = ticket(flow.resume(&theirs, NOW, Input::Go));
    client.learn(&mut theirs, ticket, later(5), Err(refused()));

    let mut joined = ours.clone();
    joined.join(&theirs);
    assert_eq!(validate(&client, &mut joined, later(6)), (true, vec![]), "no value is lost");
    theirs.join(&ours);
    assert_eq!(validate(&client, &mut theirs, later(6)), (true, vec![]), "whoever joins whom");
    assert!(joined.settled(&ticket));
}

#[test]
fn requirements_are_checked_in_the_order_of_the_official_client() {
    let client = client();
    let provider = provider(&client);
    let access = token("access_acr_0");
    let kind = |requirements: &Requirements| {
        let mut flow = client.validate_access_token(&access, requirements);
        flow.resume(&provider, NOW, Input::Go).unwrap_err().kind()
    };
    let acr = Requirements::none().acr(Acr::LevelOne);
    assert_eq!(kind(&acr.clone().scope(["admin"])), "access_token_missing_scope");
    assert_eq!(kind(&acr.clone().permissions(["fly"])), "access_token_acr_too_low");
    assert_eq!(kind(&Requirements::none().permissions(["fly"])), "access_token_missing_permission");
}

#[test]
fn a_refetch_learned_in_the_same_second_is_joined() {
    let (client, requirements, rotated) = (client(), Requirements::none(), token("access_second"));
    let mut published = provider(&client);
    let mut flow = client.validate_access_token(&rotated, &requirements);
    let ticket = ticket(flow.resume(&published, NOW, Input::Go));
    let mut ours = published.clone();
    client.learn(&mut ours, ticket, NOW, Ok(ok(keys(&["first", "second"]))));
    published.join(&ours);
    done(flow.resume(&published, NOW, Input::Go));
}

#[test]
fn what_is_learned_while_the_clock_is_set_back_is_joined() {
    let (client, requirements, rotated) = (client(), Requirements::none(), token("access_second"));
    let mut published = provider(&client);
    let mut ours = published.clone();
    let flow = client.validate_access_token(&rotated, &requirements);
    let (outcome, _) = drive(&client, &mut ours, later(-30), flow, |request| {
        Ok(match request.endpoint() {
            Endpoint::Keys => ok(keys(&["first", "second"])),
            other => document(other),
        })
    });
    outcome.unwrap();
    published.join(&ours);
    let mut flow = client.validate_access_token(&rotated, &requirements);
    done(flow.resume(&published, later(-30), Input::Go));
}

#[test]
fn the_back_off_holds_for_unknown_keys_too() {
    let (client, requirements) = (client(), Requirements::none());
    let (access, rotated) = (token("access"), token("access_second"));
    let mut provider = provider(&client);
    let flow = client.validate_access_token(&access, &requirements);
    let (outcome, asked) = drive(&client, &mut provider, later(600), flow, |_| Err(refused()));
    assert!(outcome.is_ok() && asked.len() == 1, "a refresh that failed");
    let flow = client.validate_access_token(&rotated, &requirements);
    let (outcome, asked) = drive(&client, &mut provider, later(601), flow, |_| Err(refused()));
    assert_eq!((outcome.unwrap_err().kind(), asked), ("provider_unavailable", vec![]));
}

#[test]
fn keys_that_have_just_come_are_used_however_short_their_life() {
    use std::time::Duration;
    let client = common::config()
        .keys_due_after(Duration::ZERO)
        .keys_expire_after(Duration::from_millis(900))
        .build()
        .unwrap();
    let mut provider = Provider::default();
    let asked = vec![Endpoint::Discovery, Endpoint::Keys];
    assert_eq!(validate(&client, &mut provider, NOW), (true, asked));
    assert_eq!(validate(&client, &mut provider, NOW), (true, vec![Endpoint::Keys]));
}

#[test]
fn the_cooldown_counts_from_the_end_of_the_attempt() {
    let (client, requirements, rotated) = (client(), Requirements::none(), token("access_second"));
    let mut provider = provider(&client);
    let mut flow = client.validate_access_token(&rotated, &requirements);
    let asked_at_once = ticket(flow.resume(&provider, NOW, Input::Go));
    client.learn(&mut provider, asked_at_once, later(5), Ok(document(Endpoint::Keys)));
    assert!(flow.resume(&provider, later(5), Input::Go).is_err());

    let mut flow = client.validate_access_token(&rotated, &requirements);
    assert!(flow.resume(&provider, later(14), Input::Go).is_err(), "nine seconds after its end");
    let mut flow = client.validate_access_token(&rotated, &requirements);
    ticket(flow.resume(&provider, later(15), Input::Go));
}

#[test]
fn a_lifetime_counts_from_the_request() {
    let client = client();
    let provider = provider(&client);
    let answer = |id_token: String| {
        let answer = json!({ "access_token": "opaque", "id_token": id_token,
                             "token_type": "bearer", "expires_in": 3_600 });
        Input::Response(ok(answer.to_string().into_bytes()))
    };
    let mut flow = client.auth_refresh_token("refresh").unwrap();
    sent(flow.resume(&provider, NOW, Input::Go));
    let (tokens, _) = done(flow.resume(&provider, later(20), answer(token("id"))));
    assert_eq!(tokens.expires_at, Some(later(3_600)));
}
