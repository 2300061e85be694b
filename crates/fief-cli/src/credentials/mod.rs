//! What is kept of a sign-in, and where.

mod file;
mod lock;
mod memory;
mod path;

use std::io;

use fief_ureq::{Tokens, UserInfo};
use serde::{Deserialize, Serialize};

pub use self::{
    file::CredentialsFile, lock::StoreLock, memory::CredentialsMemory, path::default_path,
};

/// The signed-in user and their tokens, in the form that the official Python client saves.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Credentials {
    /// The user, as last heard of.
    pub userinfo: UserInfo,
    /// Their tokens.
    pub tokens: Tokens,
}

impl Credentials {
    /// What a sign-in or a refresh gives.
    pub fn new(tokens: Tokens, userinfo: UserInfo) -> Self {
        Self { userinfo, tokens }
    }
}

/// Where credentials are kept: in a file ([`CredentialsFile`]), in memory ([`CredentialsMemory`]),
/// or in a place of your own, as the keychain of the system.
///
/// A refresh token is good for one use. So that two processes don't spend the same one, whoever
/// changes the credentials holds [`lock`](Self::lock) from before it reads them until it has saved
/// them. [`FiefAuth`](crate::FiefAuth) does so; a store only has to provide the lock.
pub trait CredentialStore: Send + Sync {
    /// The credentials, or none if nobody is signed in. What is there but can't be understood
    /// counts as none.
    ///
    /// # Errors
    ///
    /// If the place can't be read.
    fn load(&self) -> io::Result<Option<Credentials>>;

    /// Keeps these in place of those before, all or nothing.
    ///
    /// # Errors
    ///
    /// If the place can't be written; those before are then still there.
    fn save(&self, credentials: &Credentials) -> io::Result<()>;

    /// Forgets the credentials.
    ///
    /// # Errors
    ///
    /// If the place can't be written.
    fn clear(&self) -> io::Result<()>;

    /// Waits until nobody else, in this process or in another, holds the lock, and takes it. Reading
    /// and writing work without it too.
    ///
    /// # Errors
    ///
    /// If the lock can't be had, or not within a reasonable time.
    fn lock(&self) -> io::Result<StoreLock<'_>>;
}

impl<S: CredentialStore + ?Sized> CredentialStore for std::sync::Arc<S> {
    fn load(&self) -> io::Result<Option<Credentials>> {
        (**self).load()
    }

    fn save(&self, credentials: &Credentials) -> io::Result<()> {
        (**self).save(credentials)
    }

    fn clear(&self) -> io::Result<()> {
        (**self).clear()
    }

    fn lock(&self) -> io::Result<StoreLock<'_>> {
        (**self).lock()
    }
}
