//! The endpoints of a tenant, one file each.

pub(crate) mod authorize;
pub(crate) mod consent;
pub(crate) mod discovery;
mod finish;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod register;
pub(crate) mod token;
pub(crate) mod userinfo;
pub(crate) mod verify;
