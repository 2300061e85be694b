//! Access tokens, compared with the bare signature check and with other libraries.

use std::{hint::black_box, thread};

use fief_proto::{
    AccessTokenInfo, Client, Provider, Requirements, UnixTime,
    flow::{Flow as _, Input, Step},
};
use fief_ureq::Fief;

use crate::{
    material::{Signed, config, now},
    measure::{Case, compare},
    peers,
};

pub fn run(rounds: usize) {
    let small = Signed::rsa_2048();
    validation("validate an access token, RSA-2048", rounds, &small, 1.12, Some(0.05));
    validation("validate an access token, RSA-4096", rounds, &Signed::rsa_4096(), 1.04, None);
    threads(rounds, &small);
}

fn validation(title: &str, rounds: usize, signed: &Signed, target: f64, cached: Option<f64>) {
    let Signed { access_token: token, .. } = signed;
    let (client, requirements) = (config().build().unwrap(), Requirements::none());
    let provider = signed.provider(&client);
    let builder = || Fief::builder(config()).provider(provider.clone());
    let driver = builder().build().unwrap();
    let remembering = builder().verified_token_cache(1_000).build().unwrap();
    let (key, (message, signature)) = (signed.bare_key(), signed.signed_part());
    let jsonwebtoken = peers::JsonWebToken::new(signed);
    let openidconnect = peers::OpenIdConnect::new(signed);

    let with_cache = Case::new("fief-ureq, with the cache of verified tokens", || {
        black_box(remembering.validate_access_token(black_box(token), &requirements).unwrap());
    });
    compare(
        title,
        rounds,
        vec![
            Case::new("the bare check of the signature (aws-lc-rs)", || {
                key.verify_sig(black_box(message), &signature).unwrap();
            }),
            Case::new("fief-proto", || {
                black_box(validate(&client, &provider, black_box(token), &requirements, now()));
            })
            .target(target),
            Case::new("fief-ureq", || {
                black_box(driver.validate_access_token(black_box(token), &requirements).unwrap());
            })
            .target(target),
            match cached {
                Some(target) => with_cache.target(target),
                None => with_cache,
            },
            Case::new("jsonwebtoken on aws-lc-rs, the same claims", || {
                black_box(jsonwebtoken.validate(black_box(token)));
            }),
            Case::new("openidconnect, an ID token", || {
                openidconnect.validate(black_box(&signed.id_token));
            }),
        ],
    );
}

pub fn validate(
    client: &Client,
    provider: &Provider,
    token: &str,
    requirements: &Requirements,
    now: UnixTime,
) -> AccessTokenInfo {
    let mut flow = client.validate_access_token(token, requirements);
    match flow.resume(provider, now, Input::Go) {
        Ok(Step::Done(info)) => info,
        other => panic!("not validated: {other:?}"),
    }
}

/// The time for as much work on each of two threads, against one.
fn threads(rounds: usize, signed: &Signed) {
    let (token, requirements) = (&signed.access_token, Requirements::none());
    let client = config().build().unwrap();
    let driver = Fief::builder(config()).provider(signed.provider(&client)).build().unwrap();
    let (key, (message, signature)) = (signed.bare_key(), signed.signed_part());
    let bare = || key.verify_sig(black_box(message), &signature).unwrap();
    let ours = || {
        black_box(driver.validate_access_token(black_box(token), &requirements).unwrap());
    };
    compare(
        "two threads do twice the work, the bare check",
        rounds,
        vec![
            Case::batch("200 bare checks on one thread", repeat(&bare)),
            Case::batch("200 bare checks on each of two", on_two(&bare)),
        ],
    );
    compare(
        "two threads do twice the work, validation",
        rounds,
        vec![
            Case::batch("200 by fief-ureq on one thread", repeat(&ours)),
            // At least 1.8 times as much work in the same time.
            Case::batch("200 by fief-ureq on each of two", on_two(&ours)).target(1.11),
        ],
    );
}

/// Enough at a time that starting a thread does not count.
const AT_ONCE: usize = 200;

fn repeat(work: &(impl Fn() + Sync)) -> impl FnMut(usize) {
    move |times| (0..times * AT_ONCE).for_each(|_| work())
}

fn on_two(work: &(impl Fn() + Sync)) -> impl FnMut(usize) {
    move |times| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..times * AT_ONCE).for_each(|_| work()));
            }
        });
    }
}
