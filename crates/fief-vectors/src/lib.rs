//! fief-vectors

pub mod compare;
pub mod define;
pub mod format;
pub mod load;
pub mod operation;
pub mod policy;
pub mod run;
pub mod runner;
pub mod script;
pub mod server;

use self::runner::{ByHand, Hyper, Runner, Ureq};

/// The names of the runners.
pub const RUNNERS: [&str; 3] = [ByHand::NAME, Ureq::NAME, Hyper::NAME];
