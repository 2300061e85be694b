//! What a driver makes of a server that misbehaves: the right kind of error within its deadline,
//! and a good answer to the next call.

use std::{fmt::Debug, time::Duration};

use fief_devserver::{Client, DevServer, Endpoint, Fault, User};
use fief_transport::Error;
use serde_json::json;

use crate::driver::{Clock, Driver};

const EMAIL: &str = "anne@bretagne.duchy";
const PASSWORD: &str = "hermine-tincture-1488";
const REDIRECT_URI: &str = "http://localhost:8000/callback";

/// Longer than any test waits: whoever sits it out is seen.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// More than any limit for a body.
const TOO_LARGE: u64 = 64 * 1024 * 1024;

pub fn at_discovery<D: Driver>() {
    let elsewhere = "http://elsewhere.example/".to_owned();
    for (fault, kind, reason) in [
        (Fault::Status(503), "provider_unavailable", "status"),
        (Fault::Delay(FOR_EVER), "provider_unavailable", "transport"),
        (Fault::Cut, "provider_unavailable", "transport"),
        (Fault::CutHalfway, "provider_unavailable", "transport"),
        (Fault::Drip(FOR_EVER), "provider_unavailable", "transport"),
        (Fault::Garbage, "provider_invalid", "not_json"),
        (Fault::Oversized(TOO_LARGE), "provider_invalid", "too_large"),
        (Fault::Redirect(elsewhere), "provider_unavailable", "redirect"),
        (Fault::WrongIssuer, "provider_invalid", "issuer_mismatch"),
    ] {
        let house = House::<D>::build();
        house.server.fault(Endpoint::Discovery, fault.clone());
        assert_error(&fault, house.fief.login(REDIRECT_URI), kind, reason);
        house.server.clear_faults();
        house.fief.login(REDIRECT_URI).unwrap();
    }
}

pub fn at_the_key_set<D: Driver>() {
    let elsewhere = "http://elsewhere.example/".to_owned();
    for (fault, kind, reason) in [
        (Fault::Status(500), "provider_unavailable", "status"),
        (Fault::Delay(FOR_EVER), "provider_unavailable", "transport"),
        (Fault::Cut, "provider_unavailable", "transport"),
        (Fault::CutHalfway, "provider_unavailable", "transport"),
        (Fault::Drip(FOR_EVER), "provider_unavailable", "transport"),
        (Fault::Garbage, "provider_invalid", "not_json"),
        (Fault::Oversized(TOO_LARGE), "provider_invalid", "too_large"),
        (Fault::Redirect(elsewhere), "provider_unavailable", "redirect"),
        (Fault::WrongKey, "access_token_invalid", "bad_signature"),
    ] {
        let house = House::<D>::build();
        let token = house.token();
        // A client that has not seen the keys yet.
        let fief = D::open(house.server.config(), &house.clock);
        house.server.fault(Endpoint::Keys, fault.clone());
        assert_error(&fault, fief.validate(&token), kind, reason);
        house.server.clear_faults();
        if fault == Fault::WrongKey {
            // A key that was published is believed until keys are due.
            house.clock.forward(601);
        }
        fief.validate(&token).unwrap();
    }
}

pub fn at_the_token_endpoint<D: Driver>() {
    let elsewhere = "http://elsewhere.example/".to_owned();
    for (fault, kind, reason) in [
        (Fault::Status(503), "request", "status"),
        (Fault::Delay(FOR_EVER), "transport", "timeout"),
        (Fault::Cut, "transport", "io"),
        (Fault::CutHalfway, "transport", "io"),
        (Fault::Drip(FOR_EVER), "transport", "timeout"),
        (Fault::Garbage, "response", "not_json"),
        (Fault::Oversized(TOO_LARGE), "response", "too_large"),
        (Fault::Redirect(elsewhere), "request", "redirect"),
        (Fault::WrongIssuer, "id_token_invalid", "wrong_issuer"),
        (Fault::WrongKey, "id_token_invalid", "bad_signature"),
    ] {
        let house = House::<D>::build();
        house.server.fault(Endpoint::Token, fault.clone());
        assert_error(&fault, house.sign_in(), kind, reason);
        house.server.clear_faults();
        house.sign_in().unwrap();
    }
}

pub fn at_the_user_api<D: Driver>() {
    let elsewhere = "http://elsewhere.example/".to_owned();
    for (fault, kind, reason) in [
        (Fault::Status(502), "request", "status"),
        (Fault::Delay(FOR_EVER), "transport", "timeout"),
        (Fault::Cut, "transport", "io"),
        (Fault::CutHalfway, "transport", "io"),
        (Fault::Drip(FOR_EVER), "transport", "timeout"),
        (Fault::Garbage, "response", "not_json"),
        (Fault::Oversized(TOO_LARGE), "response", "too_large"),
        (Fault::Redirect(elsewhere), "request", "redirect"),
    ] {
        let house = House::<D>::build();
        let token = house.token();
        let profile = json!({"fields": {}});
        house.server.fault(Endpoint::Userinfo, fault.clone());
        house.server.fault(Endpoint::Profile, fault.clone());
        assert_error(&fault, house.fief.userinfo(&token), kind, reason);
        assert_error(&fault, house.fief.update_profile(&token, &profile), kind, reason);
        house.server.clear_faults();
        house.fief.userinfo(&token).unwrap();
        house.fief.update_profile(&token, &profile).unwrap();
    }
}

pub fn a_safe_request_is_sent_again_on_a_connection_that_was_closed<D: Driver>() {
    let house = House::<D>::build();
    let token = house.token();
    house.fief.userinfo(&token).unwrap();
    house.server.clear_requests();
    house.server.fault_times(Endpoint::Userinfo, Fault::Cut, 1);
    house.fief.userinfo(&token).unwrap();
    assert_eq!(house.server.requests_to(Endpoint::Userinfo), 2);
}

pub fn a_code_is_never_sent_twice<D: Driver>() {
    let house = House::<D>::build();
    // A connection is kept from this.
    house.token();
    let login = house.fief.login(REDIRECT_URI).unwrap();
    let callback = house.server.sign_in(&login.url, EMAIL, PASSWORD).unwrap();
    house.server.clear_requests();
    house.server.fault_times(Endpoint::Token, Fault::Cut, 1);
    let cut = house.fief.finish_login(login.pending, &callback);
    assert_error(&Fault::Cut, cut, "transport", "io");
    assert_eq!(house.server.requests_to(Endpoint::Token), 1);
}

/// A server, and a client of it.
struct House<D> {
    server: DevServer,
    fief: D,
    clock: Clock,
}

impl<D: Driver> House<D> {
    fn build() -> Self {
        let clock = Clock::new();
        let server = DevServer::builder()
            .clock(clock.reader())
            .client(Client::confidential("web", "secret").redirect_uri(REDIRECT_URI))
            .user(User::new(EMAIL, PASSWORD))
            .start()
            .unwrap();
        let fief = D::open(server.config(), &clock);
        Self { server, fief, clock }
    }

    fn sign_in(&self) -> Result<String, Error> {
        let login = self.fief.login(REDIRECT_URI)?;
        let callback = self.server.sign_in(&login.url, EMAIL, PASSWORD).unwrap();
        let (tokens, _) = self.fief.finish_login(login.pending, &callback)?;
        Ok(tokens.access_token.expose().to_owned())
    }

    fn token(&self) -> String {
        self.sign_in().unwrap()
    }
}

fn assert_error<T: Debug>(fault: &Fault, outcome: Result<T, Error>, kind: &str, reason: &str) {
    let error = outcome.expect_err(&format!("{fault:?} did no harm"));
    assert_eq!((error.kind(), error.reason()), (kind, Some(reason)), "{fault:?}: {error:?}");
}
