//! Any sequence of calls, moments, answers and resumptions. Input: what `arbitrary` makes a
//! scenario of.
#![no_main]

use fief_fuzz::scenario::{Scenario, play};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|scenario: Scenario| play(&scenario));
