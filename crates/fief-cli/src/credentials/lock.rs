//! The lock over threads and processes that change the same credentials.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, ErrorKind},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use fs4::{FileExt, TryLockError};

use super::file::{in_path, no_file, without_links};

/// Longer than a refresh can take: two requests of 5 seconds and one of 30. A process that holds
/// the lock for longer hangs, or was stopped by a debugger or Ctrl-Z.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Keeps all other threads and processes from changing the credentials until it is dropped.
#[must_use = "the lock is released when this is dropped"]
pub struct StoreLock<'a>(
    #[expect(dead_code, reason = "it is kept to be dropped")] Box<dyn Held + 'a>,
);

trait Held {}
impl<T> Held for T {}

impl<'a> StoreLock<'a> {
    /// The lock is held as long as this guard: a [`FileLock`], the guard of a mutex.
    pub fn new(guard: impl Sized + 'a) -> Self {
        Self(Box::new(guard))
    }
}

impl fmt::Debug for StoreLock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock")
    }
}

/// A lock over all threads and processes that name the same file, for a
/// [`CredentialStore`](super::CredentialStore) of your own.
///
/// The operating system releases it when the process ends, even if it is killed. The file is
/// created for its owner alone, so that no other user can hold it. It is not deleted after the
/// unlock: otherwise two processes could each lock a file of this name.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct FileLock(Kind);

#[derive(Debug)]
enum Kind {
    File(File),
    /// The file system has no locks: at least the threads of this process exclude each other.
    Process(#[expect(dead_code, reason = "it is kept to be dropped")] MutexGuard<'static, ()>),
}

impl FileLock {
    /// Waits for the lock, for two minutes at most. The folder must exist.
    ///
    /// On a file system without locks (some network and FUSE file systems) it works within this
    /// process alone; see [`is_of_this_process`](Self::is_of_this_process).
    ///
    /// # Errors
    ///
    /// If the file can't be made or is a symbolic link, and [`ErrorKind::TimedOut`] if another
    /// process does not release it.
    pub fn acquire(path: impl AsRef<Path>) -> io::Result<Self> {
        // `File` has a method of this name too, in Rust versions later than ours.
        Self::acquire_by(FileExt::try_lock, path.as_ref())
            .map_err(|error| in_path("lock", path.as_ref(), error))
    }

    /// Whether the file system has no locks, so that other processes are not excluded.
    pub fn is_of_this_process(&self) -> bool {
        matches!(self.0, Kind::Process(_))
    }

    fn acquire_by(
        try_lock: impl Fn(&File) -> Result<(), TryLockError>,
        path: &Path,
    ) -> io::Result<Self> {
        static PROCESS: Mutex<()> = Mutex::new(());
        let file =
            without_links(OpenOptions::new().read(true).write(true).create(true)).open(path)?;
        if !file.metadata()?.is_file() {
            return no_file();
        }
        let until = Instant::now() + LONGEST_WAIT;
        loop {
            match try_lock(&file) {
                Ok(()) => return Ok(Self(Kind::File(file))),
                Err(TryLockError::Error(error)) if has_no_locks(&error) => {
                    let guard = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
                    return Ok(Self(Kind::Process(guard)));
                }
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                    let text = "another process holds it and does not let go; end that process, if it hangs";
                    return Err(io::Error::new(ErrorKind::TimedOut, text));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES),
            }
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        if let Kind::File(file) = &self.0 {
            // Closing unlocks too, on some systems only after a while.
            let _ = FileExt::unlock(file);
        }
    }
}

fn has_no_locks(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let codes = [Errno::NOSYS, Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOTSUP];
        if codes.iter().any(|code| error.raw_os_error() == Some(code.raw_os_error())) {
            return true;
        }
    }
    error.kind() == ErrorKind::Unsupported
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_without_locks_is_worked_on_without() {
        use rustix::io::Errno;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        for code in [Errno::NOSYS, Errno::NOLCK, Errno::OPNOTSUPP] {
            let lock = FileLock::acquire_by(|_| Err(TryLockError::Error(code.into())), &path);
            assert!(lock.unwrap().is_of_this_process(), "{code}");
        }
        assert!(!FileLock::acquire(&path).unwrap().is_of_this_process());
        let broken = FileLock::acquire_by(|_| Err(TryLockError::Error(Errno::IO.into())), &path);
        assert!(broken.is_err());
    }
}
