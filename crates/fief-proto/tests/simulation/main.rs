//! A deterministic simulation of programs, network and server: messages are late, lost and out of
//! order, keys rotate with and without overlap, servers fail, clocks jump, callers leave. Whatever
//! happens, the promises of the driving contract hold.
//!
//! ```text
//!   schedule (chance, agenda) ──▶ server ◀── network ──▶ client (programs with many callers)
//!                                                           │ each step
//!                                                           ▼
//!                                                 history (facts) and promises
//! ```
//!
//! A failure prints its seed. `SIMULATION_SEED=17 cargo test -p fief-proto --test simulation` plays
//! that schedule alone; `SIMULATION_SCHEDULES=1000000` plays so many.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod call;
mod client;
mod history;
mod memory;
mod network;
mod policy;
mod promises;
mod schedule;
mod server;
mod world;

use std::collections::BTreeMap;

use server::Material;

/// How many schedules each part plays. Pure Rust is some twelve times slower.
const SCHEDULES: u64 = if cfg!(feature = "aws-lc-rs") { 2_500 } else { 200 };

// Four parts, so that they share the processors.
#[test]
fn the_promises_hold_part_1() {
    play_part(0);
}

#[test]
fn the_promises_hold_part_2() {
    play_part(1);
}

#[test]
fn the_promises_hold_part_3() {
    play_part(2);
}

#[test]
fn the_promises_hold_part_4() {
    play_part(3);
}

fn play_part(part: u64) {
    let material = Material::new();
    let mut counts = BTreeMap::new();
    if let Some(seed) = number("SIMULATION_SEED") {
        if part == 0 {
            play(seed, &material, &mut counts);
        }
        return;
    }
    let schedules = number("SIMULATION_SCHEDULES").map_or(SCHEDULES, |all| all / 4);
    for seed in part * schedules..(part + 1) * schedules {
        play(seed, &material, &mut counts);
    }
    check_variety(&counts, schedules);
}

fn play(seed: u64, material: &Material, counts: &mut BTreeMap<&'static str, u64>) {
    let named = Named(seed);
    world::play(seed, material, counts);
    std::mem::forget(named);
}

/// Says which schedule it was, should it fail.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        println!("the schedule of seed {0} fails; again with SIMULATION_SEED={0}", self.0);
    }
}

/// A simulation in which nothing goes wrong would show little: each of these must happen in one of
/// twenty schedules at least.
fn check_variety(counts: &BTreeMap<&'static str, u64>, schedules: u64) {
    println!("{counts:?}");
    for what in [
        "done",
        "own request",
        "asked",
        "unavailable",
        "refused",
        "unknown",
        "skipped",
        "waited",
        "settled while waiting",
        "refetched",
        "refetched for an ID token",
        "unchecked",
        "refreshed",
        "failed",
        "fetched",
        "expired",
        "remembered",
        "too late",
    ] {
        let count = counts.get(what).copied().unwrap_or_default();
        assert!(count >= schedules / 20, "{what}: {counts:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is told how long to go on")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
