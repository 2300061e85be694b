//! The pages of a sign-in, one file each, with their templates.

pub(crate) mod consent;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod register;
pub(crate) mod verify;
