//! The guide: a runtime of your own first, then what is promised and what it costs.
//!
//! Programs on threads or on tokio need none of the first page: `fief-ureq` and `fief-hyper` drive
//! for them. Coming from the official Python client is `fief_ureq::guide`.

// Programs on a page may need a server, which would switch a feature of this crate on in its own
// tests: they are run with the examples of the repository.

/// Embed the core in a runtime of your own.
#[cfg_attr(not(doctest), doc = "", doc = include_str!("guide/embedding.md"))]
pub mod embedding {}

#[doc = include_str!("guide/standards.md")]
pub mod standards {}

/// What is promised about security, each with the test that holds it, and what is left to you.
#[cfg_attr(not(doctest), doc = "", doc = include_str!("guide/security.md"))]
pub mod security {}

#[doc = include_str!("guide/speed.md")]
pub mod speed {}
