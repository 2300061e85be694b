//! The tokens that are issued: what is in them, and how they are signed, encrypted and checked.

mod access;
mod check;
mod encrypt;
mod id;
mod key;

pub(crate) use self::{
    access::{AccessClaims, access_token},
    check::{Checked, check},
    encrypt::EncryptionKey,
    id::{IdClaims, id_token, validation_hash},
    key::{Keys, SigningKey},
};
