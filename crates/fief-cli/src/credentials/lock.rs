//! One at a time, over threads and processes.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use fs4::{FileExt, TryLockError};

use super::file::{in_path, without_links};

/// Longer than whoever holds it can take to refresh: three requests of 30 seconds. One who takes
/// longer hangs, or was stopped in a debugger or with Ctrl-Z.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Keeps everybody else from changing the credentials, as long as it lives.
#[must_use = "the lock is given back when this is dropped"]
pub struct StoreLock<'a>(
    #[expect(dead_code, reason = "it is kept to be dropped")] Box<dyn Held + 'a>,
);

trait Held {}
impl<T> Held for T {}

impl<'a> StoreLock<'a> {
    /// The lock is held as long as this guard: an open file, the guard of a mutex.
    pub fn new(guard: impl Sized + 'a) -> Self {
        Self(Box::new(guard))
    }
}

impl std::fmt::Debug for StoreLock<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreLock")
    }
}

/// A locked file. It stays there when it is unlocked: to remove it would let two hold a lock of the
/// same name.
pub(super) struct FileLock(File);

impl FileLock {
    /// Waits for the lock. The file is for its owner alone: nobody else can hold it.
    pub fn acquire(path: &Path) -> io::Result<Self> {
        let open =
            || without_links(OpenOptions::new().read(true).write(true).create(true)).open(path);
        let file = open().map_err(|error| in_path("lock", path, error))?;
        if !file.metadata()?.is_file() {
            let error = io::Error::new(ErrorKind::InvalidInput, "it is no file");
            return Err(in_path("lock", path, error));
        }
        let until = Instant::now() + LONGEST_WAIT;
        loop {
            // `File` has a method of this name too, in Rust versions later than ours.
            match FileExt::try_lock(&file) {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::Error(error)) => return Err(in_path("lock", path, error)),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                    let text = "another process holds it and does not let go";
                    let error = io::Error::new(ErrorKind::TimedOut, text);
                    return Err(in_path("lock", path, error));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES),
            }
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing unlocks too, on some systems only after a while.
        let _ = FileExt::unlock(&self.0);
    }
}
