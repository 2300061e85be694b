//! fief-vectors

pub mod compare;
pub mod define;
pub mod format;
pub mod load;
pub mod operation;
pub mod policy;
pub mod script;
pub mod server;

/// The names of the runners.
pub const RUNNERS: [&str; 3] = ["by-hand", "ureq", "hyper"];
