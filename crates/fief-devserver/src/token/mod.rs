//! The tokens that are issued: what is in them, and how they are signed, encrypted and checked.

mod access;
mod check;
mod encrypt;
mod encryption_key;
mod id;
mod key;

pub use self::encryption_key::generate_encryption_key;
pub(crate) use self::{
    access::{AccessClaims, access_token},
    check::check,
    encrypt::EncryptionKey,
    id::{IdClaims, id_token, validation_hash},
    key::{Keys, SigningKey},
};
