//! Userinfo over a kept connection, compared with the bare HTTP client. The program in the core's
//! `benches/ratios` prints the ratios.

#![allow(clippy::unwrap_used, missing_docs)]

use divan::Bencher;
use fief_hyper::{Config, Fief};
use fief_testkit::transport::userinfo;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::runtime::{Builder, Runtime};

fn main() {
    divan::main();
}

#[divan::bench]
fn fief(bencher: Bencher<'_, '_>) {
    let fief = Fief::new(Config::new(userinfo::start(), "duchy-app")).unwrap();
    let (runtime, token) = (runtime(), "A".repeat(730));
    bencher.bench_local(|| runtime.block_on(fief.userinfo(&token)).unwrap());
}

#[divan::bench]
fn bare_hyper(bencher: Bencher<'_, '_>) {
    let url = format!("{}/api/userinfo", userinfo::start());
    let (runtime, bearer) = (runtime(), format!("Bearer {}", "A".repeat(730)));
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    bencher.bench_local(|| {
        let request = http::Request::get(&url).header("authorization", &bearer);
        runtime.block_on(async {
            let answer = client.request(request.body(Empty::new()).unwrap()).await.unwrap();
            answer.into_body().collect().await.unwrap().to_bytes()
        })
    });
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
