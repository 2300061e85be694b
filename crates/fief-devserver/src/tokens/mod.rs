//! The tokens: their claims, and how they are signed, encrypted and checked.

pub(crate) mod claims;
pub(crate) mod encryption;
pub(crate) mod keys;
