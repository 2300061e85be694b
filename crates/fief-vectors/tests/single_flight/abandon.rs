//! Dropping a call of the async driver does not affect the others.

use std::{thread, time::Instant};

use fief_proto::Requirements;
use fief_testkit::{PATIENCE, material::token};

use crate::{
    driver::{Driver as _, Hyper},
    server::Server,
    start,
};

#[test]
fn a_caller_who_leaves_does_not_waste_the_first_fetch() {
    let server = Server::start();
    let (driver, _clock) = start::<Hyper>(&server);
    leave_while_asked(&driver, &server, "access", |server| server.discoveries() == 1);
    driver.validate(&token("access")).unwrap();
    assert_eq!((server.discoveries(), server.key_sets()), (1, 1));
}

#[test]
fn a_caller_who_leaves_does_not_get_past_the_throttle() {
    let server = Server::start();
    let (driver, clock) = start::<Hyper>(&server);
    driver.validate(&token("access")).unwrap();
    clock.advance(2);
    leave_while_asked(&driver, &server, "access_second", |server| server.key_sets() == 2);
    for _ in 0..5 {
        let failure = driver.validate(&token("access_second")).unwrap_err();
        assert_eq!(failure.names(), ("access_token_invalid", Some("unknown_key")));
    }
    assert_eq!(server.key_sets(), 2);
}

/// Calls, and drops the future once the server has been asked and before it has answered.
fn leave_while_asked(
    driver: &Hyper,
    server: &Server,
    name: &str,
    is_asked: impl Fn(&Server) -> bool,
) {
    let gate = server.hold();
    let (fief, token) = (driver.fief.clone(), token(name));
    let call = driver.runtime.spawn(async move {
        fief.validate_access_token(&token, &Requirements::none()).await.map(drop)
    });
    let began = Instant::now();
    while !is_asked(server) {
        assert!(began.elapsed() < PATIENCE, "the server was never asked");
        thread::yield_now();
    }
    call.abort();
    assert!(driver.runtime.block_on(call).unwrap_err().is_cancelled());
    gate.open();
}
