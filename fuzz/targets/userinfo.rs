//! The user API's success. Input: the body.
#![no_main]

use fief_fuzz::{drive, model, secrets, world};
use fief_proto::{EmailCode, Error, UserInfo, flow::Response};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const SUBJECT: &str = "545e68d4-b831-43cb-9aec-972543716667";

fuzz_target!(|data: &[u8]| {
    let answer = Response::new(data.to_vec());
    let flow = world::CLIENT.userinfo(secrets::PLANTED).expect("a good token");
    let anybody = drive::answered(flow, &answer);
    check(data, &anybody);

    let flow = world::CLIENT.userinfo_of(secrets::PLANTED, SUBJECT).expect("a good token");
    let outcome = drive::answered(flow, &answer);
    let is_they = anybody.as_ref().is_ok_and(|user| user.sub == SUBJECT);
    assert_eq!(outcome.is_ok(), is_they, "the claims of another user");

    let flow = world::CLIENT.email_verify(secrets::PLANTED, &EmailCode::new(secrets::PLANTED));
    let verified = drive::answered(flow.expect("a good token"), &answer);
    assert_eq!(verified.ok(), anybody.ok());
});

fn check(data: &[u8], result: &Result<UserInfo, Error>) {
    match result {
        Ok(user) => {
            let claims: Map<String, Value> = serde_json::from_slice(data).expect("an object");
            assert!(!user.sub.is_empty());
            model::check_user(&claims, user);
        }
        Err(error) => assert!(matches!(error, Error::Response(_)), "{error:?}"),
    }
}
