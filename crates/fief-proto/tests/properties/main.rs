//! Properties that hold for every input, looked for with random ones.
//!
//! A property that fails is shown with the smallest input that was found, whose seed is written to
//! `tests/proptest-regressions`: commit it, and every run begins with it from then on, here and
//! elsewhere. `PROPTEST_CASES=100000 cargo test -p fief-proto --test properties NAME` looks at so
//! many inputs of one property, instead of 256.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod claimed_times;
mod hostile;
mod requirements;
mod round_trips;
mod times;
mod urls;
mod values;
