//! Values are what they were made of.

use fief_proto::{Pkce, is_valid_hash, validation_hash};
use proptest::prelude::*;

proptest! {
    #[test]
    fn hashes_and_challenges_are_of_their_value_alone(value in "[ -~]{1,60}", other in "[ -~]{1,60}") {
        prop_assert!(is_valid_hash(&value, &validation_hash(&value)));
        prop_assert_eq!(is_valid_hash(&other, &validation_hash(&value)), value == other);
    }

    #[test]
    fn every_verifier_is_one(entropy in any::<[u8; 32]>()) {
        let pkce = Pkce::from_entropy(&entropy);
        let again = Pkce::from_verifier(pkce.verifier()).unwrap();
        prop_assert_eq!(pkce.challenge(), again.challenge());
        prop_assert_eq!(pkce.challenge().value().len(), 43);
    }
}
