//! HTTP: what handlers share, what they read of a request, and in which form they answer.

pub(crate) mod answer;
pub(crate) mod app;
pub(crate) mod cookies;
pub(crate) mod host;
pub(crate) mod input;
