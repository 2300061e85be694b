//! The guide: an API first, then a site, then what Fief tells by itself.
//!
//! Each page begins with a whole program, which brings an embedded server along, and ends with what
//! goes wrong. How to test what you have built is the guide of `fief-devserver`.

#[doc = include_str!("guide/api.md")]
pub mod api {}

#[doc = include_str!("guide/site.md")]
pub mod site {}

#[doc = include_str!("guide/webhooks.md")]
pub mod webhooks {}
