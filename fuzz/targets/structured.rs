//! Any sequence of calls, moments, answers and resumptions. Input: bytes of which `arbitrary` makes
//! a scenario.
#![no_main]

use arbitrary::{Arbitrary as _, Unstructured};
use fief_fuzz::{
    scenario::{Scenario, play},
    secrets,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // An answer may hold a secret that was not sent before: such inputs are skipped.
    if secrets::stand_in(data) {
        return;
    }
    if let Ok(scenario) = Scenario::arbitrary_take_rest(Unstructured::new(data)) {
        play(&scenario);
    }
});
