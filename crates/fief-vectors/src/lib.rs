//! Test vectors of the Fief client, and the three runners that must agree on them.
//!
//! ```text
//! vectors/*.json ──► load ──► run::<ByHand> ──► fief-proto          answers from the script
//!      define, format   │     run::<Ureq>   ──► fief-ureq  ──┐
//!                       └──►  run::<Hyper>  ──► fief-hyper ──┴──► server, which plays the script
//! ```
//!
//! A vector is data: configuration, clock, calls, the requests that each call must send, the
//! answers, and the outcome. [`load`] reads it strictly, [`run`] plays it on a [`Runner`] and
//! reports the differences. The format is described in the README of this crate.
//!
//! ```
//! use std::path::Path;
//!
//! use fief_vectors::{load::load_text, run::run, runner::ByHand};
//!
//! let file = r#"{
//!     "about": "An example.",
//!     "vectors": [{
//!         "id": "logout",
//!         "comment": "No request is needed.",
//!         "source": "The README.",
//!         "config": "{{confidential}}",
//!         "clock": 1790000000,
//!         "calls": [{
//!             "operation": "logout_url",
//!             "arguments": { "redirect_uri": "https://app.example/" },
//!             "value": { "url": "{{base}}/logout", "query": [["redirect_uri", "https://app.example/"]] }
//!         }]
//!     }]
//! }"#;
//! for loaded in load_text(Path::new("example.json"), file)? {
//!     assert!(run::<ByHand>(&loaded).is_empty());
//! }
//! # Ok::<(), fief_vectors::load::LoadError>(())
//! ```

mod server;

pub mod compare;
pub mod define;
pub mod format;
pub mod load;
pub mod operation;
pub mod policy;
pub mod run;
pub mod runner;
pub mod script;

use self::runner::{ByHand, Hyper, Runner, Ureq};

/// The names of the runners.
pub const RUNNERS: [&str; 3] = [ByHand::NAME, Ureq::NAME, Hyper::NAME];
