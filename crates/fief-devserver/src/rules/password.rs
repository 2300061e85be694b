//! Passwords.

use zxcvbn::{Score, zxcvbn};

/// Characters.
const SHORTEST: usize = 8;
const LONGEST: usize = 128;

/// Why a password can't be had; empty if it can.
pub(crate) fn weaknesses(password: &str) -> Vec<&'static str> {
    let mut weaknesses = Vec::new();
    let length = password.chars().count();
    if length < SHORTEST {
        weaknesses.push("Password must be at least 8 characters long.");
    } else if length > LONGEST {
        weaknesses.push("Password must be at most 128 characters long.");
    }
    let beginning: String = password.chars().take(LONGEST).collect();
    if zxcvbn(&beginning, &[]).score() < Score::Three {
        weaknesses.push("Password is not strong enough.");
    }
    weaknesses
}
