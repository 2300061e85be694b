//! The administration of a server.

pub(crate) mod api;
pub(crate) mod pages;
