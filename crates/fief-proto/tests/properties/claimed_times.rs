//! Times that a token claims, with fractions and beyond all clocks, checked against a model in
//! whole numbers: it counts quarters of a second, which are exact as `f64` too.

use std::{fmt::Write as _, time::Duration};

use fief_proto::{
    AccessTokenInfo, Client, CodeExchange, Error, Provider, Requirements, Tokens, UnixTime,
    flow::{Flow as _, Input},
};
use fief_testkit::mint;
use proptest::{option, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::{
    common::{REDIRECT_URI, config, discovery, done, keys, ok, sent},
    times::{leeway as leeway_in_seconds, moment, span},
};

/// A claimed time, as it is drawn.
#[derive(Clone, Copy, Debug)]
enum Claimed {
    /// So many quarters from the moment at which the outcome changes.
    Near(i128),
    /// At this many.
    Far(i128),
}

fn claimed() -> impl Strategy<Value = Claimed> {
    prop_oneof![
        3 => select(vec![-9, -1, 0, 0, 1, 9]).prop_map(Claimed::Near),
        1 => select(vec![0, -BEYOND, BEYOND, -FAR, FAR]).prop_map(Claimed::Far),
    ]
}

/// Mostly a time of our days.
fn now() -> impl Strategy<Value = i64> {
    prop_oneof![2 => 0..1_i64 << 32, 1 => moment()]
}

/// Later than any clock can show.
const BEYOND: i128 = 4 << 66;
const FAR: i128 = 4 * 10_i128.pow(30);

/// Where a number of seconds and its quarters are exact as `f64`, and so are their sums.
const EXACT: i128 = 4 << 48;

/// What an `f64` may lose of the greatest numbers that are drawn, and more.
const LOST: i128 = 4 << 14;

impl Claimed {
    /// In quarters. Where the edge is not exact, it stays away.
    fn quarters(self, edge: i128) -> i128 {
        match self {
            Self::Far(quarters) => quarters,
            Self::Near(off) if edge.abs() < EXACT => edge + off,
            Self::Near(off) => edge + (2 * off + 1) * LOST,
        }
    }
}

/// As JSON: no reader may take it for another number.
fn number(quarters: i128) -> String {
    let sign = if quarters < 0 { "-" } else { "" };
    let quarters = quarters.unsigned_abs();
    let fraction = ["", ".25", ".50", ".75"][usize::try_from(quarters % 4).unwrap()];
    format!("{sign}{}{fraction}", quarters / 4)
}

/// Claims that are valid at any time, and these times.
fn claims(mut claims: Value, times: &[(&str, Option<i128>)]) -> String {
    for (name, value) in
        [("iss", "https://fief.example"), ("sub", "545e68d4-b831-43cb-9aec-972543716667")]
    {
        claims[name] = value.into();
    }
    claims["aud"] = "duchy-app".into();
    let mut string = claims.to_string();
    assert_eq!(string.pop(), Some('}'));
    for (name, time) in times {
        if let Some(time) = time {
            write!(string, r#","{name}":{}"#, number(*time)).unwrap();
        }
    }
    string + "}"
}

/// A leeway in quarters of a second.
fn leeway() -> impl Strategy<Value = i128> {
    (leeway_in_seconds(), 0..4_i128)
        .prop_map(|(seconds, quarters)| (4 * i128::from(seconds) + quarters).min(4 * 3_600))
}

/// A client, and documents that are as old as the moment, so that nothing is asked for.
fn at(now: i64, leeway: i128) -> (Client, Provider, UnixTime) {
    let seconds = u64::try_from(leeway / 4).unwrap();
    let nanoseconds = u32::try_from(leeway % 4).unwrap() * 250_000_000;
    let client = config().leeway(Duration::new(seconds, nanoseconds)).build().unwrap();
    let now = UnixTime::from_secs(now);
    let provider = Provider::from_documents(&client, &discovery(), &keys(&["first"]), now).unwrap();
    (client, provider, now)
}

fn validated(claims: &str, now: i64, leeway: i128) -> Result<AccessTokenInfo, Error> {
    let (client, provider, now) = at(now, leeway);
    let (token, requirements) = (mint::sign(claims), Requirements::none());
    let mut flow = client.validate_access_token(&token, &requirements);
    flow.resume(&provider, now, Input::Go).map(|step| done(Ok(step)))
}

fn exchanged(claims: &str, max_age: Option<u64>, now: i64, leeway: i128) -> Result<Tokens, Error> {
    let (client, provider, now) = at(now, leeway);
    let exchange = CodeExchange::new("code", REDIRECT_URI);
    let exchange = max_age.map_or(exchange.clone(), |seconds| exchange.max_age(seconds));
    let mut flow = client.auth_callback(exchange).unwrap();
    sent(flow.resume(&provider, now, Input::Go));
    let answer = json!({ "access_token": "opaque", "id_token": mint::sign(claims),
                         "token_type": "bearer" });
    let answer = Input::Response(ok(answer.to_string().into_bytes()));
    flow.resume(&provider, now, answer).map(|step| done(Ok(step)).0)
}

proptest! {
    #[test]
    fn a_token_is_good_between_its_times(
        now in now(),
        leeway in leeway(),
        expiry in prop_oneof![claimed(), Just(Claimed::Far(FAR))],
        not_before in option::of(claimed()),
        issued_at in option::of(claimed()),
    ) {
        let quarters = 4 * i128::from(now);
        let expiry = expiry.quarters(quarters - leeway);
        let [not_before, issued_at] = [not_before, issued_at]
            .map(|time| time.map(|time| time.quarters(quarters + leeway)));
        let is_early = |time: Option<i128>| time.is_some_and(|time| quarters < time - leeway);
        let expected = if quarters >= expiry + leeway {
            Some("expired")
        } else if is_early(not_before) {
            Some("not_yet_valid")
        } else if is_early(issued_at) {
            Some("issued_in_the_future")
        } else {
            None
        };
        let times = [("exp", Some(expiry)), ("nbf", not_before), ("iat", issued_at)];

        let access = claims(json!({ "scope": "openid", "permissions": [] }), &times);
        let outcome = validated(&access, now, leeway);
        match &outcome {
            Ok(info) if expiry.abs() < EXACT || expiry.abs() >= BEYOND => {
                let whole = (expiry / 4).clamp(i64::MIN.into(), i64::MAX.into());
                prop_assert_eq!(i128::from(info.expires_at.as_secs()), whole);
            }
            _ => {}
        }
        let found = outcome.err().map(|error| error.reason().unwrap_or_else(|| {
            assert_eq!(error.kind(), "access_token_expired");
            "expired"
        }));
        prop_assert_eq!(found, expected, "{}", access);

        // An ID token has to say when it was issued. Its times are looked at last.
        let expected = issued_at.map_or(Some("missing_claim"), |_| expected);
        let outcome = exchanged(&claims(json!({}), &times), None, now, leeway);
        prop_assert_eq!(outcome.err().and_then(|error| error.reason()), expected, "{}", access);
    }

    #[test]
    fn an_authentication_is_as_young_as_was_asked(
        now in now(),
        leeway in leeway(),
        max_age in option::of(prop_oneof![span(), any::<u64>(), Just(u64::MAX)]),
        authenticated_at in option::of((any::<bool>(), claimed())),
    ) {
        let quarters = 4 * i128::from(now);
        let oldest = quarters - 4 * i128::from(max_age.unwrap_or(0));
        let authenticated_at = authenticated_at.map(|(is_young, time)| {
            time.quarters(if is_young { quarters + leeway } else { oldest - leeway })
        });
        let expected = match (max_age, authenticated_at) {
            (Some(_), None) => Some("missing_claim"),
            (Some(_), Some(then)) if then < oldest - leeway || then > quarters + leeway => {
                Some("authentication_too_old")
            }
            _ => None,
        };
        let times = [("exp", Some(FAR)), ("iat", Some(-FAR)), ("auth_time", authenticated_at)];
        let claims = claims(json!({}), &times);
        let outcome = exchanged(&claims, max_age, now, leeway);
        prop_assert_eq!(outcome.err().and_then(|error| error.reason()), expected, "{}", claims);
    }
}
