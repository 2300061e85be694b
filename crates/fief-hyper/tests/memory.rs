//! No answer makes this client take much memory.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use fief_hyper::{Config, Error, Fief, Proxy, Requirements, TransportOptions};
use fief_testkit::{
    material::{CLIENT_ID, ISSUER},
    transport::memory::{Call, Operation, TOKEN, cases, hold},
};
use tokio::runtime::Builder;

#[test]
fn every_answer_stays_under_the_caps() {
    hold("every_answer_stays_under_the_caps", cases, outcome);
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
        proxy: Proxy::None,
        timeout: Some(call.timeout),
        documents_timeout: Some(call.timeout),
        ..TransportOptions::default()
    };
    let config = Config::new(&call.base_url, CLIENT_ID).issuer(ISSUER);
    let fief = Fief::builder(config).transport_options(options).build()?;
    match call.operation {
        Operation::Discovery => fief.login("http://localhost:8000/callback").await.map(drop),
        Operation::Keys => fief.validate_access_token(TOKEN, &Requirements::none()).await.map(drop),
        Operation::Userinfo => fief.userinfo(TOKEN).await.map(drop),
    }
}
