//! What is kept of a sign-in, and where.

mod file;
mod lock;
mod memory;
mod path;

use std::io;

use fief_ureq::{Tokens, UserInfo};
use serde::{Deserialize, Serialize};

pub use self::{
    file::CredentialsFile,
    lock::{FileLock, StoreLock},
    memory::CredentialsMemory,
    path::default_path,
};

/// The signed-in user and their tokens, in the form that the official Python client saves.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Credentials {
    /// The user, as the server last described them.
    pub userinfo: UserInfo,
    /// Their tokens.
    pub tokens: Tokens,
}

impl Credentials {
    /// The result of a sign-in or a refresh.
    pub fn new(tokens: Tokens, userinfo: UserInfo) -> Self {
        Self { userinfo, tokens }
    }
}

/// Where credentials are kept: in a file ([`CredentialsFile`]), in memory ([`CredentialsMemory`]),
/// or in a store of your own, the keychain of the system for example.
///
/// A refresh token can be used once. So that two processes don't use the same one, a process that
/// changes the credentials holds [`lock`](Self::lock) from before it reads them until it has saved
/// them. [`FiefAuth`](crate::FiefAuth) does so; a store only has to provide the lock.
///
/// A keychain has no lock; use [`FileLock`]:
///
/// ```
/// use std::{io, path::PathBuf};
///
/// use fief_cli::{CredentialStore, Credentials, FileLock, StoreLock};
/// # use std::sync::Mutex;
/// # /// Stands in for an entry of the crate `keyring`.
/// # #[derive(Default)]
/// # struct Entry(Mutex<Option<Vec<u8>>>);
/// # impl Entry {
/// #     fn get_secret(&self) -> io::Result<Option<Vec<u8>>> { Ok(self.0.lock().unwrap().clone()) }
/// #     fn set_secret(&self, secret: &[u8]) -> io::Result<()> {
/// #         *self.0.lock().unwrap() = Some(secret.to_vec());
/// #         Ok(())
/// #     }
/// #     fn delete_credential(&self) -> io::Result<()> { *self.0.lock().unwrap() = None; Ok(()) }
/// # }
///
/// struct Keychain {
///     entry: Entry,
///     /// In a folder of the user's own, as that of `default_path`.
///     lock: PathBuf,
/// }
///
/// impl CredentialStore for Keychain {
///     fn load(&self) -> io::Result<Option<Credentials>> {
///         let secret = self.entry.get_secret()?;
///         Ok(secret.and_then(|secret| serde_json::from_slice(&secret).ok()))
///     }
///
///     fn save(&self, credentials: &Credentials) -> io::Result<()> {
///         self.entry.set_secret(&serde_json::to_vec(credentials)?)
///     }
///
///     fn clear(&self) -> io::Result<()> {
///         self.entry.delete_credential()
///     }
///
///     fn lock(&self) -> io::Result<StoreLock<'_>> {
///         Ok(StoreLock::new(FileLock::acquire(&self.lock)?))
///     }
/// }
/// # let folder = tempfile::tempdir()?;
/// # let store = Keychain { entry: Entry::default(), lock: folder.path().join("lock") };
/// # let text = r#"{"userinfo": {"sub": "anne"}, "tokens": {"access_token": "a", "id_token": "i",
/// #     "token_type": "bearer"}}"#;
/// # let credentials: Credentials = serde_json::from_str(text)?;
/// # let lock = store.lock()?;
/// # store.save(&credentials)?;
/// # store.try_save()?;
/// # assert_eq!(store.load()?, Some(credentials));
/// # store.clear()?;
/// # drop(lock);
/// # assert_eq!(store.load()?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait CredentialStore: Send + Sync {
    /// The credentials, or none if no user is signed in. Credentials that can't be understood count
    /// as none.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn load(&self) -> io::Result<Option<Credentials>>;

    /// Replaces the credentials, completely or not at all.
    ///
    /// # Errors
    ///
    /// If the store can't be written; the old credentials are then still there.
    fn save(&self, credentials: &Credentials) -> io::Result<()>;

    /// Tries whether [`save`](Self::save) would work, and changes nothing: it is called before the
    /// user is asked to sign in, and before a refresh token is used.
    ///
    /// By default it saves the credentials that are there again; if there are none, it checks
    /// nothing.
    ///
    /// # Errors
    ///
    /// The error that `save` would return.
    fn try_save(&self) -> io::Result<()> {
        self.load()?.map_or(Ok(()), |credentials| self.save(&credentials))
    }

    /// Deletes the credentials, even if they can't be read.
    ///
    /// # Errors
    ///
    /// If they are still there.
    fn clear(&self) -> io::Result<()>;

    /// Waits until no other thread or process holds the lock, and takes it. Reading needs no lock.
    ///
    /// # Errors
    ///
    /// If the lock can't be taken, or not within a reasonable time.
    fn lock(&self) -> io::Result<StoreLock<'_>>;
}

impl<S: CredentialStore + ?Sized> CredentialStore for std::sync::Arc<S> {
    fn load(&self) -> io::Result<Option<Credentials>> {
        (**self).load()
    }

    fn save(&self, credentials: &Credentials) -> io::Result<()> {
        (**self).save(credentials)
    }

    fn try_save(&self) -> io::Result<()> {
        (**self).try_save()
    }

    fn clear(&self) -> io::Result<()> {
        (**self).clear()
    }

    fn lock(&self) -> io::Result<StoreLock<'_>> {
        (**self).lock()
    }
}
