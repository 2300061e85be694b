//! What is sent, and the first look at what comes back.

pub(crate) mod endpoint;
pub(crate) mod request;
pub(crate) mod response;
