//! The driving contract: what a driver may do, and what happens if it does something else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{client, document, done, later, ok, provider, sent, status, ticket, token};
use std::time::Duration;

use fief_proto::{
    Acr, Backend, Client, CodeExchange, Config, Endpoint, Error, Provider, ProviderError,
    RefreshRequest, Requirements, Secret, TransportError, TransportErrorKind, UnixTime,
    VerifyRs256,
    flow::{Flow, Input, Request, drive_async},
};
use serde_json::json;

use crate::common::{NOW, REDIRECT_URI, discovery, drive, keys, refused};

fn is_misuse<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Misuse(_)))
}

/// Whether a token of the published key is valid now, and which endpoints were asked for that.
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
    let Err(Error::Refused(error)) = flow.resume(&provider, NOW, answer) else { panic!("refused") };
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
    // The keys came in this flow: they are not asked for again.
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
    assert_eq!(attempt(later(605)), 0, "then four");
    assert_eq!(attempt(later(606)), 1);
    assert_eq!(attempt(later(500)), 0, "the clock was set back, and the keys are fresh again");
    assert_eq!(attempt(later(601)), 1, "a failure in the future throttles none");
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
    assert_eq!((error.kind(), error.reason()), ("transport", Some("connect")));
}

#[test]
fn keys_from_the_future_are_stale() {
    let client = client();
    for (ahead, is_usable) in [(30, true), (5_000, false)] {
        let fetched_at = later(ahead);
        let mut provider =
            Provider::from_documents(&client, &discovery(), &keys(&["first"]), fetched_at).unwrap();
        let asked = vec![Endpoint::Discovery, Endpoint::Keys];
        assert_eq!(validate(&client, &mut provider.clone(), NOW), (true, asked));
        // If the clock was set back by more than the leeway, their age is unknown: they must not be
        // used for ever.
        let (access, requirements) = (token("access"), Requirements::none());
        let flow = client.validate_access_token(&access, &requirements);
        let (outcome, _) =
            drive(&client, &mut provider, NOW, flow, |request| match request.endpoint() {
                Endpoint::Discovery => Ok(document(Endpoint::Discovery)),
                _ => Err(refused()),
            });
        assert_eq!(outcome.is_ok(), is_usable, "{ahead} s");
    }
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
    assert!(provider.settled(&ticket_of_second), "a waiting caller has the same answer");
    for flow in [&mut first, &mut second] {
        let error = flow.resume(&provider, NOW, Input::Go).unwrap_err();
        assert_eq!((error.kind(), error.reason()), ("refused", Some("status")));
    }
    let mut third = client.userinfo("token").unwrap();
    let ticket = ticket(third.resume(&provider, NOW, Input::Go));
    assert!(!provider.settled(&ticket), "a later caller tries again");
}

#[test]
fn an_unknown_key_is_looked_for_once_a_cooldown() {
    let client = common::config().key_refetch_cooldown(Duration::from_secs(10)).build().unwrap();
    let requirements = Requirements::none();
    let (access, rotated) = (token("access"), token("access_second"));
    let mut provider = provider(&client);
    let mut attempt = |token: &str, now, published: &[&str]| {
        let flow = client.validate_access_token(token, &requirements);
        let answer = |_: &_| Ok(ok(keys(published)));
        let (outcome, asked) = drive(&client, &mut provider, now, flow, answer);
        (outcome.map_err(|error| error.reason()), asked.len())
    };
    // Keys that are known from the start were not fetched here: nothing has to cool down.
    assert_eq!(attempt(&rotated, later(10), &["first"]), (Err(Some("unknown_key")), 1));
    assert_eq!(attempt(&rotated, later(19), &["first"]), (Err(Some("unknown_key")), 0));
    assert!(matches!(attempt(&rotated, later(20), &["second"]), (Ok(_), 1)), "a rotation");
    assert_eq!(attempt(&access, later(21), &["second"]), (Err(Some("unknown_key")), 0));
}

/// An attacker's made-up `kid` just before must not hide a rotation for long.
#[test]
fn a_rotation_is_seen_within_a_second_of_a_made_up_key() {
    let (client, requirements) = (client(), Requirements::none());
    let (made_up, rotated) = (token("access_unknown_kid"), token("access_second"));
    let mut provider = provider(&client);
    for (string, at, published, is_good) in [
        (&made_up, 100, ["first"], false),
        (&rotated, 101, ["second"], true),
        (&made_up, 200, ["second"], false),
    ] {
        let flow = client.validate_access_token(string, &requirements);
        let answer = |_: &_| Ok(ok(keys(&published)));
        let (outcome, asked) = drive(&client, &mut provider, later(at), flow, answer);
        assert_eq!((outcome.is_ok(), asked), (is_good, vec![Endpoint::Keys]), "at {at}");
    }
}

#[test]
fn without_a_look_at_the_keys_no_key_is_called_unknown() {
    let (client, requirements, rotated) = (client(), Requirements::none(), token("access_second"));
    let mut provider = provider(&client);
    for seconds in [1, 1, 2] {
        let flow = client.validate_access_token(&rotated, &requirements);
        let (outcome, _) = drive(&client, &mut provider, later(seconds), flow, |_| Err(refused()));
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.reason()), ("transport", Some("connect")));
    }
    assert_eq!(validate(&client, &mut provider, later(2)), (true, vec![]), "the old keys are good");
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
fn keys_that_have_just_come_are_used_however_short_their_life() {
    let client = common::config()
        .keys_due_after(Duration::ZERO)
        .keys_expire_after(Duration::ZERO)
        .build()
        .unwrap();
    let mut provider = Provider::default();
    let asked = vec![Endpoint::Discovery, Endpoint::Keys];
    assert_eq!(validate(&client, &mut provider, NOW), (true, asked));
    assert_eq!(validate(&client, &mut provider, NOW), (true, vec![Endpoint::Keys]));
}

#[test]
fn the_cooldown_counts_from_the_end_of_the_attempt() {
    let client = common::config().key_refetch_cooldown(Duration::from_secs(10)).build().unwrap();
    let (requirements, rotated) = (Requirements::none(), token("access_second"));
    let mut provider = provider(&client);
    let mut flow = client.validate_access_token(&rotated, &requirements);
    let asked_at_once = ticket(flow.resume(&provider, later(20), Input::Go));
    client.learn(&mut provider, asked_at_once, later(25), Ok(document(Endpoint::Keys)));
    assert!(flow.resume(&provider, later(25), Input::Go).is_err());

    let mut flow = client.validate_access_token(&rotated, &requirements);
    assert!(flow.resume(&provider, later(34), Input::Go).is_err(), "nine seconds after its end");
    let mut flow = client.validate_access_token(&rotated, &requirements);
    ticket(flow.resume(&provider, later(35), Input::Go));
}

/// The answer of the token endpoint with this ID token.
fn tokens(id_token: &str) -> Vec<u8> {
    json!({
        "access_token": "opaque",
        "id_token": token(id_token),
        "token_type": "bearer",
        "refresh_token": "the-next-one",
    })
    .to_string()
    .into_bytes()
}

/// Refreshes with this provider; the server signs with the second key.
fn refresh(
    client: &Client,
    provider: &mut Provider,
    now: UnixTime,
    keys_answer: impl Fn() -> Result<fief_proto::flow::Response, TransportError>,
    id_token: &str,
) -> (Result<(), Error>, Vec<Endpoint>) {
    let flow = client.auth_refresh_token(Secret::from("refresh")).unwrap();
    let (outcome, asked) = drive(client, provider, now, flow, |request| match request.endpoint() {
        Endpoint::Token => Ok(ok(tokens(id_token))),
        Endpoint::Keys => keys_answer(),
        other => Ok(document(other)),
    });
    (outcome.map(|_| ()), asked)
}

#[track_caller]
fn carries_the_next_refresh_token(outcome: Result<(), Error>, reason: (&str, Option<&str>)) {
    let error = outcome.unwrap_err();
    assert!(!error.never_sent(), "{error:?}");
    // A clock has to be set before it helps to try again.
    let of_time = matches!(reason.1, Some("expired" | "issued_in_the_future"));
    assert_eq!(error.is_transient(), !of_time, "{error:?}");
    let Error::Unchecked { reason: why, refresh_token } = &error else { panic!("{error:?}") };
    assert_eq!(refresh_token.as_ref().map(Secret::expose), Some("the-next-one"));
    assert_eq!((why.kind(), why.reason()), reason);
    assert!(!format!("{error:?} {error}").contains("the-next-one"));
}

#[test]
fn a_refresh_after_a_rotation_fetches_the_keys_once_more() {
    let client = client();
    let second = || Ok(ok(keys(&["second"])));
    let asked = vec![Endpoint::Token, Endpoint::Keys];
    // Whatever others have done just before.
    let mut provider = provider(&client);
    assert_eq!(refresh(&client, &mut provider, NOW, second, "id_second"), (Ok(()), asked));
}

#[test]
fn a_refresh_is_not_lost_while_the_keys_cannot_be_had() {
    let client = client();
    let mut provider = provider(&client);
    let failing = || Ok(status(503, ""));
    let (outcome, asked) = refresh(&client, &mut provider, NOW, failing, "id_second");
    carries_the_next_refresh_token(outcome, ("refused", Some("status")));
    assert_eq!(asked, [Endpoint::Token, Endpoint::Keys]);
    let (outcome, _) = refresh(&client, &mut provider, NOW, || Err(refused()), "id_second");
    carries_the_next_refresh_token(outcome, ("transport", Some("connect")));
    let old = || Ok(ok(keys(&["first"])));
    let (outcome, _) = refresh(&client, &mut provider, NOW, old, "id_second");
    carries_the_next_refresh_token(outcome, ("id_token_invalid", Some("unknown_key")));
}

#[test]
fn a_refresh_is_not_lost_because_clocks_disagree() {
    let client = client();
    let provider = provider(&client);
    let first = || Ok(ok(keys(&["first"])));
    let (outcome, asked) = refresh(&client, &mut provider.clone(), later(3_700), first, "id");
    carries_the_next_refresh_token(outcome, ("id_token_invalid", Some("expired")));
    assert_eq!(asked, [Endpoint::Token], "keys that are due are used as they are");
    let (outcome, _) = refresh(&client, &mut provider.clone(), later(-100), first, "id");
    carries_the_next_refresh_token(outcome, ("id_token_invalid", Some("issued_in_the_future")));
}

#[test]
fn a_refresh_that_fails_another_check_carries_nothing() {
    let client = client();
    let mut provider = provider(&client);
    let previous = RefreshRequest::new("refresh").previous_subject("another user");
    for (request, id_token, reason) in [
        (RefreshRequest::new("refresh"), "access", "wrong_token_kind"),
        (previous, "id", "subject_changed"),
    ] {
        let flow = client.auth_refresh_token(request).unwrap();
        let answer = |_: &_| Ok(ok(tokens(id_token)));
        let (outcome, _) = drive(&client, &mut provider, later(10), flow, answer);
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.reason()), ("id_token_invalid", Some(reason)));
    }
}

#[test]
fn a_login_that_cannot_be_checked_begins_again() {
    let client = client();
    let mut provider = provider(&client);
    let flow = client.auth_callback(CodeExchange::new("code", REDIRECT_URI)).unwrap();
    let (outcome, _) =
        drive(&client, &mut provider, NOW, flow, |request| match request.endpoint() {
            Endpoint::Token => Ok(ok(tokens("id_second"))),
            _ => Err(refused()),
        });
    let error = outcome.unwrap_err();
    assert!(matches!(&error, Error::Unchecked { refresh_token: None, .. }), "{error:?}");
    assert!(!error.never_sent(), "the code was spent");
    assert!(!error.is_transient(), "the same call does not help");
}

/// Accepts every signature: what it has read must never serve a client that checks them.
#[derive(Debug)]
struct AcceptAll;

impl VerifyRs256 for AcceptAll {
    fn verify(&self, _: &[u8], _: &[u8], _: &[u8], _: &[u8]) -> bool {
        true
    }
}

/// A client of another server must not be sent secrets by what this one has learned, nor accept its
/// tokens.
#[test]
fn a_provider_of_another_configuration_is_refused() {
    let ours = client();
    let provider = provider(&ours);
    let configs = [
        Config::new("https://other.example", "duchy-app"),
        Config::new("https://fief.example/tenant", "duchy-app"),
        Config::new("https://fief.example", "duchy-app").issuer("https://issuer.example"),
        common::config().crypto_backend(Backend::Custom(&AcceptAll)),
    ];
    let (access, requirements) = (token("access"), Requirements::none());
    for config in configs {
        let other = config.client_secret("secret").build().unwrap();
        let refused = |error: Error| error == Error::Provider(ProviderError::OtherClient);
        let mut flow = other.validate_access_token(&access, &requirements);
        assert!(refused(flow.resume(&provider, NOW, Input::Go).unwrap_err()));
        let mut flow = other.userinfo("token").unwrap();
        assert!(refused(flow.resume(&provider, NOW, Input::Go).unwrap_err()));
        let mut flow = other.auth_refresh_token("refresh").unwrap();
        assert!(refused(flow.resume(&provider, NOW, Input::Go).unwrap_err()));
    }
    let twin = common::config().build().unwrap();
    done(twin.validate_access_token(&access, &requirements).resume(&provider, NOW, Input::Go));
}

/// The provider is replaced only after the refresh was answered: the new refresh token is kept.
#[test]
fn a_provider_that_is_mixed_up_loses_no_refresh_token() {
    let client = client();
    let other = Config::new("https://fief.example", "id").issuer("https://fief.example");
    let other = other.build().unwrap();
    let mut flow = client.auth_refresh_token("refresh").unwrap();
    sent(flow.resume(&provider(&client), NOW, Input::Go));
    let answer = Input::Response(ok(tokens("id")));
    let error = flow.resume(&provider(&other), NOW, answer).unwrap_err();
    assert!(!error.never_sent());
    let Error::Unchecked { reason, refresh_token } = error else { panic!("{error:?}") };
    assert!(matches!(*reason, Error::Misuse(_)));
    assert_eq!(refresh_token.as_ref().map(Secret::expose), Some("the-next-one"));
}

/// The server accepted the connection and was silent: the message must not say that it could not be
/// reached.
#[test]
fn a_slow_document_is_told_as_slow() {
    let client = client();
    let flow = client.userinfo("token").unwrap();
    let slow = |_: &_| Err(TransportError::new(TransportErrorKind::Timeout, "fief.example"));
    let (outcome, _) = drive(&client, &mut Provider::default(), NOW, flow, slow);
    let error = outcome.unwrap_err();
    assert!(error.never_sent(), "the token was in none of it");
    assert_eq!(error.to_string(), "fief.example did not answer in time");
}

#[test]
fn what_is_known_can_be_kept_for_an_offline_start() {
    let client = client();
    let known = provider(&client);
    let documents = known.documents().unwrap();
    let written = serde_json::to_string(&documents).unwrap();
    let documents: fief_proto::ProviderDocuments = serde_json::from_str(&written).unwrap();
    let (discovery, keys) = (documents.discovery.as_bytes(), documents.keys.as_bytes());
    let mut provider =
        Provider::from_documents(&client, discovery, keys, documents.fetched_at).unwrap();
    assert_eq!(validate(&client, &mut provider, NOW), (true, vec![]));
    assert_eq!(Provider::default().documents(), None);
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

#[test]
fn the_async_loop_is_the_same() {
    use std::{future, pin::pin, task::Context, task::Poll, task::Waker};

    let (client, access, requirements) = (client(), token("access"), Requirements::none());
    let (mut provider, mut asked) = (Provider::default(), Vec::new());
    let flow = client.validate_access_token(&access, &requirements);
    // Each answer is there at the second look.
    let send = |request: Request| {
        asked.push(request.endpoint());
        let mut is_there = false;
        future::poll_fn(move |_| {
            if std::mem::replace(&mut is_there, true) {
                return Poll::Ready(Ok(document(request.endpoint())));
            }
            Poll::Pending
        })
    };
    {
        let mut running = pin!(drive_async(flow, &client, &mut provider, || NOW, send));
        let mut context = Context::from_waker(Waker::noop());
        assert!(running.as_mut().poll(&mut context).is_pending());
        assert!(running.as_mut().poll(&mut context).is_pending());
        let Poll::Ready(outcome) = running.poll(&mut context) else { panic!("it is over") };
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!(asked, [Endpoint::Discovery, Endpoint::Keys]);

    let failed = |_| {
        let error = TransportError::new(TransportErrorKind::Connect, "fief.example");
        future::ready(Err(error))
    };
    let flow = client.userinfo("token").unwrap();
    let running = pin!(drive_async(flow, &client, &mut provider, || NOW, failed));
    let Poll::Ready(outcome) = running.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it is over")
    };
    assert_eq!(outcome.unwrap_err().kind(), "transport");
}
