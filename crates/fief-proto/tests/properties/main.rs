//! Properties that hold for every input, looked for with random ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod hostile;
mod requirements;
mod round_trips;
mod times;
mod urls;
mod values;
