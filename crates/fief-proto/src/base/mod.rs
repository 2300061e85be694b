//! What everything else is made of: strict JSON, secrets, time, characters.

pub(crate) mod ascii;
pub(crate) mod json;
pub(crate) mod secret;
pub(crate) mod time;
