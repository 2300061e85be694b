//! Credentials that end with the program.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{CredentialStore, Credentials, StoreLock};

/// Keeps the credentials in memory: for tests, and for programs that sign in each time.
#[derive(Debug, Default)]
pub struct CredentialsMemory {
    credentials: Mutex<Option<Credentials>>,
    lock: Mutex<()>,
}

impl CredentialsMemory {
    fn credentials(&self) -> MutexGuard<'_, Option<Credentials>> {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CredentialStore for CredentialsMemory {
    fn load(&self) -> io::Result<Option<Credentials>> {
        Ok(self.credentials().clone())
    }

    fn save(&self, credentials: &Credentials) -> io::Result<()> {
        *self.credentials() = Some(credentials.clone());
        Ok(())
    }

    fn clear(&self) -> io::Result<()> {
        *self.credentials() = None;
        Ok(())
    }

    fn lock(&self) -> io::Result<StoreLock<'_>> {
        Ok(StoreLock::new(self.lock.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
