//! The development server, held against recordings of a real one.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, helpers included: what is not as expected is to stop them"
)]

mod api;
mod browser;
mod data;
mod differences;
mod exchanges;
mod findings;
mod probes;
mod register;
mod replay;
mod setup;
mod tokens;
mod walks;
