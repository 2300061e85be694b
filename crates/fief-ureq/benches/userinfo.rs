//! Userinfo over a kept connection, compared with the bare HTTP client. The program in the core's
//! `benches/ratios` prints the ratios.

#![allow(clippy::unwrap_used, missing_docs)]

use divan::Bencher;
use fief_testkit::transport::userinfo;
use fief_ureq::{Config, Fief};

fn main() {
    divan::main();
}

#[divan::bench]
fn fief(bencher: Bencher<'_, '_>) {
    let fief = Fief::new(Config::new(userinfo::start(), "duchy-app")).unwrap();
    let token = "A".repeat(730);
    bencher.bench(|| fief.userinfo(&token).unwrap());
}

#[divan::bench]
fn bare_ureq(bencher: Bencher<'_, '_>) {
    let url = format!("{}/api/userinfo", userinfo::start());
    let bearer = format!("Bearer {}", "A".repeat(730));
    let agent = ureq::Agent::new_with_defaults();
    bencher.bench(|| {
        let request = agent.get(&url).header("authorization", &bearer);
        request.call().unwrap().body_mut().read_to_vec().unwrap()
    });
}
