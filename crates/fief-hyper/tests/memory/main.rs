//! No answer makes this client take much memory.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod http2;

use fief_hyper::{Config, Error, Fief, Proxy, Requirements, TransportOptions};
use fief_transport_tests::memory::{self, Call, ISSUER, Operation, TOKEN, hold};
use tokio::runtime::Builder;

#[test]
fn http1_stays_under_the_caps() {
    hold("http1_stays_under_the_caps", memory::http1, outcome);
}

#[test]
fn http2_stays_under_the_caps() {
    hold("http2_stays_under_the_caps", http2::cases, outcome);
}

fn outcome(call: &Call) -> String {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(answered(call)) {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{} {}", error.kind(), error.reason().unwrap_or_default()),
    }
}

async fn answered(call: &Call) -> Result<(), Error> {
    let options = TransportOptions {
        // Of certificates, this is the wrong place to be told.
        dangerous_accept_any_certificate: true,
        proxy: Proxy::None,
        timeout: Some(call.timeout),
        ..TransportOptions::default()
    };
    let config = Config::new(&call.base_url, "duchy-app").issuer(ISSUER);
    let fief = Fief::builder(config).transport_options(options).build()?;
    match call.operation {
        Operation::Discovery => fief.login("http://localhost:8000/callback").await.map(drop),
        Operation::Keys => fief.validate_access_token(TOKEN, &Requirements::none()).await.map(drop),
        Operation::Userinfo => fief.userinfo(TOKEN).await.map(drop),
    }
}
