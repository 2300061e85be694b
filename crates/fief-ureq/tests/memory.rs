//! No answer makes this client take much memory.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use fief_testkit::{
    material::{CLIENT_ID, ISSUER},
    transport::memory::{Call, Operation, TOKEN, cases, hold},
};
use fief_ureq::{Config, Error, Fief, Proxy, Requirements, TransportOptions};

#[test]
fn every_answer_stays_under_the_caps() {
    hold("every_answer_stays_under_the_caps", cases, |call| match answered(call) {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{} {}", error.kind(), error.reason().unwrap_or_default()),
    });
}

fn answered(call: &Call) -> Result<(), Error> {
    let options = TransportOptions {
        proxy: Proxy::None,
        timeout: Some(call.timeout),
        documents_timeout: Some(call.timeout),
        ..TransportOptions::default()
    };
    let config = Config::new(&call.base_url, CLIENT_ID).issuer(ISSUER);
    let fief = Fief::builder(config).transport_options(options).build()?;
    match call.operation {
        Operation::Discovery => fief.login("http://localhost:8000/callback").map(drop),
        Operation::Keys => fief.validate_access_token(TOKEN, &Requirements::none()).map(drop),
        Operation::Userinfo => fief.userinfo(TOKEN).map(drop),
    }
}
