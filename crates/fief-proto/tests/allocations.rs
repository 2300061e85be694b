//! How often a validation calls Rust's allocator. AWS-LC allocates in C, which is not counted here;
//! `benches/ratios` counts both: 34 for a validation, where a bare check of the signature has 25.

#![cfg(feature = "aws-lc-rs")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use allocation_counter::measure;
use common::{NOW, client, done, provider, token};
use fief_proto::{
    Requirements,
    flow::{Flow as _, Input},
};

/// For a token with two scopes and two permissions. Seven of them are what the caller gets.
const MOST: u64 = 13;

#[test]
fn a_validation_takes_few_allocations() {
    let (client, token, requirements) = (client(), token("access"), Requirements::none());
    let provider = provider(&client);
    let validate = || {
        let mut flow = client.validate_access_token(&token, &requirements);
        drop(done(flow.resume(&provider, NOW, Input::Go)));
    };
    validate();
    let found = measure(validate);
    assert!(0 < found.count_total && found.count_total <= MOST, "{found:?}");
    assert_eq!(found.count_current, 0, "{found:?}");
}
