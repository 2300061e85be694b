//! The endpoints of a tenant, one file each.

pub(crate) mod authorize;
mod bearer;
pub(crate) mod consent;
pub(crate) mod discovery;
pub(crate) mod email;
mod finish;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod register;
pub(crate) mod token;
pub(crate) mod userinfo;
pub(crate) mod verify;
