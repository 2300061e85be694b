//! How long the core's work takes by itself. The program in `ratios` compares it with other work in
//! one run.

#![allow(
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a measurement of the core, not the core"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{NOW, REDIRECT_URI, config, discovery, key, keys, token};
use divan::{Bencher, black_box};
use fief_proto::{
    AccessTokenInfo, Client, CodeExchange, Provider, Requirements, VerifiedTokens,
    flow::{Flow, Input, Response, Step},
};
use serde_json::json;

fn main() {
    divan::main();
}

#[divan::bench(args = [("access", "first"), ("access_strong", "strong")], threads = [1, 2])]
fn validate(bencher: Bencher<'_, '_>, (name, key): (&str, &str)) {
    let (client, token) = (config().build().unwrap(), token(name));
    let provider = provider(&client, &keys(&[key]));
    bencher.bench(|| validated(&client, &provider, black_box(&token)));
}

#[divan::bench]
fn validate_a_known_token(bencher: Bencher<'_, '_>) {
    let (client, token, requirements) =
        (config().build().unwrap(), token("access"), Requirements::none());
    let provider = provider(&client, &keys(&["first"]));
    let mut known = VerifiedTokens::new(&client, 10);
    let mut flow = client.validate_access_token(&token, &requirements);
    let info = done(&mut flow, &provider, Input::Go);
    known.keep(&flow, &info);
    bencher.bench_local(|| {
        known.validate(black_box(&token), &requirements, &provider, NOW).unwrap().unwrap()
    });
}

#[divan::bench]
fn take_an_answer_with_an_encrypted_id_token(bencher: Bencher<'_, '_>) {
    let client = config().encryption_key(key("encryption").to_string()).build().unwrap();
    let provider = provider(&client, &keys(&["first"]));
    let answer = json!({
        "access_token": token("access"),
        "id_token": token("jwe_a256cbc"),
        "token_type": "bearer",
    });
    let answer = answer.to_string().into_bytes();
    bencher.bench(|| {
        let exchange = CodeExchange::new("CODE", REDIRECT_URI);
        let mut flow = client.auth_callback(exchange).unwrap();
        assert!(matches!(flow.resume(&provider, NOW, Input::Go), Ok(Step::Send(_))));
        done(&mut flow, &provider, Input::Response(Response::new(answer.clone())))
    });
}

#[divan::bench(args = [1, 10, 1_000])]
fn read_keys(bencher: Bencher<'_, '_>, number: usize) {
    let client = config().build().unwrap();
    let keys = keys(&vec!["first"; number]);
    bencher.bench(|| provider(&client, black_box(&keys)));
}

#[divan::bench]
fn start_and_validate(bencher: Bencher<'_, '_>) {
    let (keys, token) = (keys(&["first"]), token("access"));
    bencher.bench(|| {
        let client = config().build().unwrap();
        validated(&client, &provider(&client, &keys), &token)
    });
}

fn validated(client: &Client, provider: &Provider, token: &str) -> AccessTokenInfo {
    let requirements = Requirements::none();
    done(&mut client.validate_access_token(token, &requirements), provider, Input::Go)
}

fn done<F: Flow>(flow: &mut F, provider: &Provider, input: Input) -> F::Output {
    match flow.resume(provider, NOW, input) {
        Ok(Step::Done(output)) => output,
        Ok(Step::Send(_)) => panic!("a request"),
        Err(error) => panic!("{error}"),
    }
}

fn provider(client: &Client, keys: &[u8]) -> Provider {
    Provider::from_documents(client, &discovery(), keys, NOW).unwrap()
}
