//! Arithmetic on times, at the edges too, checked against numbers that can't overflow.

use std::time::Duration;

use fief_proto::{
    CodeExchange, Config, Endpoint, PendingLogin, Provider, Requirements, UnixTime,
    flow::{Flow as _, Input, Step, Ticket},
    verify_webhook,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{NOW, REDIRECT_URI, config, discovery, done, keys, ok, provider, sent, token};

/// A moment: anywhere, at an edge, or near to where things happen.
pub fn moment() -> impl Strategy<Value = i64> {
    let now = NOW.as_secs();
    prop_oneof![
        any::<i64>(),
        (any::<bool>(), 0..3_i64).prop_map(|(high, off)| if high {
            i64::MAX - off
        } else {
            i64::MIN + off
        }),
        -3..3_i64,
        now - 4_000..now + 8_000,
    ]
}

/// A span in seconds, of all sizes.
pub fn span() -> impl Strategy<Value = u64> {
    prop_oneof![0..4_u64, 0..4_000_u64, 0..1_u64 << 40, Just(1 << 62)]
}

/// A leeway that a configuration may have, in seconds.
pub fn leeway() -> impl Strategy<Value = u64> {
    prop_oneof![0..4_u64, 0..=3_600_u64]
}

/// Whether 0 <= now - then < span.
fn is_within(span: u64, then: i64, now: i64) -> bool {
    (0..i128::from(span)).contains(&(i128::from(now) - i128::from(then)))
}

/// The first thing that a flow asks for.
fn first(
    config: &Config,
    known: impl Fn(&fief_proto::Client) -> Provider,
    now: i64,
) -> Option<Ticket> {
    let client = config.clone().build().unwrap();
    let (access, requirements) = (token("access"), Requirements::none());
    let mut flow = client.validate_access_token(&access, &requirements);
    match flow.resume(&known(&client), UnixTime::from_secs(now), Input::Go) {
        Ok(Step::Send(request)) => request.ticket(),
        _ => None,
    }
}

proptest! {
    #[test]
    fn a_token_is_good_from_its_issue_to_its_expiry(now in moment(), leeway in leeway()) {
        let client = config().leeway(Duration::from_secs(leeway)).build().unwrap();
        // The documents are as old as the moment, so that nothing is asked for.
        let now_ = UnixTime::from_secs(now);
        let provider =
            Provider::from_documents(&client, &discovery(), &keys(&["first"]), now_).unwrap();
        let (access, requirements) = (token("access"), Requirements::none());
        let mut flow = client.validate_access_token(&access, &requirements);
        let outcome = flow.resume(&provider, now_, Input::Go);
        let (now, leeway) = (i128::from(now), i128::from(leeway));
        let (issued, expiry) = (i128::from(NOW.as_secs()) - 10, i128::from(NOW.as_secs()) + 3_600);
        let is_good = issued - leeway <= now && now < expiry + leeway;
        prop_assert_eq!(outcome.is_ok(), is_good, "{:?}", outcome);
    }

    #[test]
    fn keys_age_from_their_fetch(
        fetched in moment(),
        now in moment(),
        due in span(),
        further in span(),
    ) {
        let expire = due + further;
        let config = config()
            .keys_due_after(Duration::from_secs(due))
            .keys_expire_after(Duration::from_secs(expire));
        let known = |client: &_| {
            let fetched = UnixTime::from_secs(fetched);
            Provider::from_documents(client, &discovery(), &keys(&["first"]), fetched).unwrap()
        };
        let asked = first(&config, known, now).map(|ticket| (ticket.endpoint(), ticket.is_optional()));
        let expected = if !is_within(24 * 60 * 60, fetched, now) {
            Some((Endpoint::Discovery, true))
        } else if is_within(due, fetched, now) {
            None
        } else {
            Some((Endpoint::Keys, is_within(expire, fetched, now)))
        };
        prop_assert_eq!(asked, expected);
    }

    #[test]
    fn a_lifetime_saturates(after in 0..3_600_i64, lifetime in prop_oneof![span(), any::<u64>()]) {
        let client = config().build().unwrap();
        let now = NOW.as_secs() + after;
        let now_ = UnixTime::from_secs(now);
        let provider =
            Provider::from_documents(&client, &discovery(), &keys(&["first"]), now_).unwrap();
        let mut flow = client.auth_callback(CodeExchange::new("code", REDIRECT_URI)).unwrap();
        sent(flow.resume(&provider, now_, Input::Go));
        let answer = json!({ "access_token": "opaque", "id_token": token("id"),
                             "token_type": "bearer", "expires_in": lifetime });
        let answer = ok(answer.to_string().into_bytes());
        let (tokens, _) = done(flow.resume(&provider, now_, Input::Response(answer)));
        let expected = (i128::from(now) + i128::from(lifetime)).min(i64::MAX.into());
        prop_assert_eq!(tokens.expires_at.map(|at| at.as_secs().into()), Some(expected));
    }

    #[test]
    fn a_login_is_finished_within_the_hour(begun in moment(), now in moment(), leeway in leeway()) {
        let client = config().leeway(Duration::from_secs(leeway)).build().unwrap();
        let mut login = client.login(REDIRECT_URI, &[7; 96]).unwrap();
        let pending = done(login.resume(&provider(&client), NOW, Input::Go)).pending;
        let mut stored: Value = serde_json::to_value(&pending).unwrap();
        stored["created_at"] = begun.into();
        let pending: PendingLogin = serde_json::from_value(stored).unwrap();
        let callback = format!("?code=code&state={}", pending.state().expose());
        let mut flow = client.finish_login(pending, &callback);
        let outcome = flow.resume(&provider(&client), UnixTime::from_secs(now), Input::Go);
        let ahead = i128::from(begun) - i128::from(now);
        let is_expired = !(-3_600..=0).contains(&ahead) && !(1..i128::from(leeway)).contains(&ahead);
        let reason = outcome.err().and_then(|error| error.reason());
        prop_assert_eq!(reason == Some("expired_login"), is_expired, "{:?}", reason);
    }

    #[test]
    fn a_webhook_is_of_these_minutes(now in prop_oneof![moment(), -400..400_i64]) {
        let sent = NOW.as_secs();
        let now = if (-400..400).contains(&now) { sent + now } else { now };
        let mut headers = http::HeaderMap::new();
        headers.insert("x-fief-webhook-timestamp", "1790000000".parse().unwrap());
        let signature = "8e97595bcaaba7afe77d442d8b1ce35daf48ec62e120a4cefeb75bf4de9eecc9";
        headers.insert("x-fief-webhook-signature", signature.parse().unwrap());
        let body = br#"{"type":"user.created","data":{"id":"1"}}"#;
        let outcome = verify_webhook("secret", &headers, body, UnixTime::from_secs(now));
        let reason = outcome.err().and_then(|error| error.reason());
        let ahead = i128::from(sent) - i128::from(now);
        let expected = match ahead {
            301.. => Some("in_the_future"),
            -300..=300 => None,
            _ => Some("too_old"),
        };
        prop_assert_eq!(reason, expected);
    }
}
