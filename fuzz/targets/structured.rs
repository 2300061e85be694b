//! Any sequence of calls, moments, answers and resumptions. Input: what `arbitrary` makes a
//! scenario of.
#![no_main]

use arbitrary::{Arbitrary as _, Unstructured};
use fief_fuzz::{
    scenario::{Scenario, play},
    secrets,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A server that knows a secret before it is told may say it.
    if secrets::stand_in(data) {
        return;
    }
    if let Ok(scenario) = Scenario::arbitrary_take_rest(Unstructured::new(data)) {
        play(&scenario);
    }
});
