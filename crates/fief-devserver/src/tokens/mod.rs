//! The tokens that are issued: what is in them, and how they are signed, encrypted and checked.

pub(crate) mod claims;
pub(crate) mod encryption;
pub(crate) mod keys;
