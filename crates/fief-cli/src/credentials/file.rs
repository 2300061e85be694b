//! Credentials in a file of the user.

use std::{
    fmt,
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use zeroize::Zeroizing;

use super::{CredentialStore, Credentials, FileLock, StoreLock};
use crate::terminal::{self, Say};

/// More than any credentials need, in bytes: an answer of the server has 1 MiB at most, and its ID
/// token is saved twice, as it is and as the user. A longer file is none of ours.
const LONGEST: usize = 4 * 1024 * 1024;
/// What is written to see whether there is room, in bytes: more than credentials mostly need.
const ROOM: usize = 64 * 1024;

/// Keeps the credentials in a JSON file that only its owner can read.
///
/// - The file is made with mode 0600, in a folder that is made with mode 0700 if it is not there.
///   On Windows it has the rights of its folder, which in the user's profile are the user's.
/// - It is replaced as a whole: written to `….new` in the same folder, synced, renamed. A reader
///   sees the old or the new one. If the program is killed in between, the next one that takes the
///   lock finds `….new`, and uses it if it is complete and newer, or else deletes it.
/// - A file of another user is not read. One that others may read or write, as the Python client
///   makes it, is made private, with a warning; so is its folder, if every user may write there.
/// - It is not read or written through a symbolic link.
/// - A file that can't be understood means "signed out". Before it is replaced, it is renamed to
///   `….corrupt`; [`clear`](CredentialStore::clear) removes that too.
/// - The lock is a file of its own, `….lock`, which is not deleted. On a file system without locks
///   there is a warning, and only the threads of one process exclude each other.
#[derive(Clone)]
pub struct CredentialsFile {
    path: PathBuf,
    say: Say,
    /// What has been said, and need not be said again: a file is read several times.
    said: Arc<Mutex<Vec<String>>>,
}

enum Content {
    Absent,
    Corrupt,
    Good(Box<Credentials>),
}

impl CredentialsFile {
    /// Keeps them in the file of this path. Nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), say: Arc::new(terminal::say), said: Arc::default() }
    }

    /// Passes warnings to this function, instead of writing them to standard error.
    #[must_use]
    pub fn warnings(mut self, say: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.say = Arc::new(say);
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn warn(&self, warning: String) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if !said.contains(&warning) {
            (self.say)(&warning);
            said.push(warning);
        }
    }

    fn folder(&self) -> &Path {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    }

    fn read(&self, path: &Path) -> io::Result<Content> {
        let content = match self.read_content(path) {
            Ok(content) => content,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::Absent),
            Err(error) => return Err(in_path("read", path, error)),
        };
        // The error of serde is dropped, because it could quote a part of the file.
        Ok(match serde_json::from_slice(&content) {
            Ok(credentials) if content.len() <= LONGEST => Content::Good(Box::new(credentials)),
            _ => Content::Corrupt,
        })
    }

    fn read_content(&self, path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
        let file = without_links(OpenOptions::new().read(true)).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return no_file();
        }
        self.make_private(&file, &metadata)?;
        // Large enough from the start: a buffer that grows would leave a copy of the tokens in
        // memory.
        let size = usize::try_from(metadata.len()).unwrap_or(LONGEST).min(LONGEST) + 2;
        let mut content = Zeroizing::new(Vec::with_capacity(size));
        file.take(LONGEST as u64 + 1).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Refuses a file of another user, and makes one private that others may read or write.
    #[cfg(unix)]
    fn make_private(&self, file: &File, metadata: &Metadata) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        const STICKY: u32 = 0o1000;
        let us = rustix::process::geteuid().as_raw();
        // Root can read and write every file anyway.
        if metadata.uid() != us && metadata.uid() != 0 {
            let message = format!("it belongs to another user, whose ID is {}", metadata.uid());
            return Err(io::Error::new(ErrorKind::PermissionDenied, message));
        }
        if metadata.mode() & 0o077 != 0 && metadata.uid() == us {
            self.close(file, &self.path, metadata.mode(), 0o600);
        }
        let folder = fs::metadata(self.folder())?;
        if folder.mode() & (STICKY | 0o002) == 0o002 && folder.uid() == us {
            let opened = File::open(self.folder())?;
            self.close(&opened, self.folder(), folder.mode(), folder.mode() & 0o7775);
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn make_private(&self, _: &File, _: &Metadata) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn close(&self, file: &File, path: &Path, mode: u32, closed: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        let _ = file.set_permissions(fs::Permissions::from_mode(closed));
        // Some file systems keep no modes, and don't say so.
        let now = file.metadata().map_or(mode, |metadata| metadata.permissions().mode());
        let path = path.display();
        self.warn(if now & 0o777 == closed & 0o777 {
            format!(
                "Warning: other users of this machine had access to {path} (mode {:o}); it is now \
                 closed to them",
                mode & 0o777
            )
        } else {
            format!(
                "Warning: other users of this machine have access to {path}, and it can't be \
                 closed to them"
            )
        });
    }

    fn make_folder(&self) -> io::Result<()> {
        if self.path.file_name().is_none() {
            let error = io::Error::new(ErrorKind::InvalidInput, "it is not the path of a file");
            return Err(in_path("use", &self.path, error));
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(self.folder()).map_err(|error| in_path("make", self.folder(), error))
    }

    /// Syncs the folder, so that a rename survives a crash of the machine. Errors are ignored: not
    /// every file system can do it, and the rename itself has succeeded.
    fn sync_folder(&self) {
        if cfg!(unix) {
            let _ = File::open(self.folder()).and_then(|folder| folder.sync_all());
        }
    }

    /// Writes the new file. Only the holder of the lock may.
    fn write_new(&self, content: &[u8]) -> io::Result<PathBuf> {
        let new = self.beside(".new");
        // Made anew each time: one that another user has put there would not be ours.
        let written = remove(&new).and_then(|()| {
            let mut file =
                without_links(OpenOptions::new().write(true).create_new(true)).open(&new)?;
            file.write_all(content)?;
            file.sync_all()
        });
        match written {
            Ok(()) => Ok(new),
            Err(error) => {
                let _ = remove(&new);
                Err(in_path("write", &new, error))
            }
        }
    }

    /// Handles the `….new` of a process that was killed: uses it if it is complete and newer,
    /// because it may hold the only copy of a refresh token, or else deletes it. If that fails,
    /// saving fails too, with the reason.
    fn recover(&self) {
        let new = self.beside(".new");
        let changed = |path: &Path| fs::symlink_metadata(path).and_then(|file| file.modified());
        let Ok(written) = changed(&new) else { return };
        let is_newer = match changed(&self.path) {
            // A time that is still to come is of a clock that was set back, and tells nothing.
            Ok(before) => before <= written || before > SystemTime::now(),
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        if is_newer && matches!(self.read(&new), Ok(Content::Good(_))) {
            let _ = fs::rename(&new, &self.path);
            self.sync_folder();
        } else {
            let _ = remove(&new);
        }
    }
}

impl CredentialStore for CredentialsFile {
    fn load(&self) -> io::Result<Option<Credentials>> {
        // A process that was killed in its first save may have left them there.
        let found = match self.read(&self.path)? {
            Content::Absent | Content::Corrupt => self.read(&self.beside(".new")),
            good @ Content::Good(_) => Ok(good),
        };
        Ok(match found {
            Ok(Content::Good(credentials)) => Some(*credentials),
            _ => None,
        })
    }

    fn save(&self, credentials: &Credentials) -> io::Result<()> {
        let mut content = Zeroizing::new(Vec::with_capacity(ROOM));
        serde_json::to_writer(&mut *content, credentials)?;
        self.make_folder()?;
        let new = self.write_new(&content)?;
        if matches!(self.read(&self.path), Ok(Content::Corrupt)) {
            let _ = fs::rename(&self.path, self.beside(".corrupt"));
        }
        fs::rename(new, &self.path).map_err(|error| in_path("write", &self.path, error))?;
        self.sync_folder();
        Ok(())
    }

    fn try_save(&self) -> io::Result<()> {
        self.make_folder()?;
        let mut room = ROOM;
        if let Ok(metadata) = fs::symlink_metadata(&self.path) {
            if !metadata.is_file() {
                // To save would replace it.
                return self.read(&self.path).and_then(|_| no_file());
            }
            room += usize::try_from(metadata.len()).unwrap_or(LONGEST).min(LONGEST);
        }
        let new = self.write_new(&vec![b' '; room])?;
        remove(&new).map_err(|error| in_path("remove", &new, error))
    }

    fn clear(&self) -> io::Result<()> {
        // The last one first: an older one must not be taken for what is left of a save.
        let paths = [self.beside(".new"), self.beside(".corrupt"), self.path.clone()];
        // Each is tried, whatever becomes of the others.
        let failed = paths.map(|path| {
            remove(&path)
                // In a folder that can't be written, the file often can.
                .or_else(|error| {
                    without_links(OpenOptions::new().write(true).truncate(true))
                        .open(&path)
                        .map_or(Err(error), |_| Ok(()))
                })
                .map_err(|error| in_path("remove", &path, error))
        });
        self.sync_folder();
        failed.into_iter().collect()
    }

    fn lock(&self) -> io::Result<StoreLock<'_>> {
        self.make_folder()?;
        let lock = FileLock::acquire(self.beside(".lock"))?;
        if lock.is_of_this_process() {
            self.warn(format!(
                "Warning: the file system of {} has no locks; do not run this program twice at \
                 the same time",
                self.folder().display()
            ));
        }
        self.recover();
        Ok(StoreLock::new(lock))
    }
}

impl fmt::Debug for CredentialsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Removes a file, or a link, that may be absent. What is neither, as a device, is none of ours.
fn remove(path: &Path) -> io::Result<()> {
    let removed = fs::symlink_metadata(path).and_then(|metadata| {
        if metadata.is_file() || metadata.is_symlink() { fs::remove_file(path) } else { no_file() }
    });
    match removed {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(())
        }
        outcome => outcome,
    }
}

pub(super) fn no_file<T>() -> io::Result<T> {
    Err(io::Error::new(ErrorKind::InvalidInput, "it is no file; remove it, or choose another path"))
}

/// Opens the very file, not what a link at its place points to, for its owner alone if it is made;
/// and does not wait for the other end of a pipe that stands there.
pub(super) fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        /// Opens a link itself, which is then refused because it is not a file.
        const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    }
    options
}

/// Adds the action and the path to an error.
pub(super) fn in_path(action: &'static str, path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), InPath { action, path: path.to_owned(), error })
}

#[derive(Debug)]
struct InPath {
    action: &'static str,
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for InPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}", self.action, self.path.display())?;
        #[cfg(unix)]
        if self.error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
            f.write_str(", which is a symbolic link")?;
        }
        Ok(())
    }
}

impl std::error::Error for InPath {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_given_once() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let hears = said.clone();
        let store = CredentialsFile::new("credentials.json")
            .warnings(move |warning| hears.lock().unwrap().push(warning.to_owned()));
        for warning in ["loose", "loose", "no locks", "loose"] {
            store.clone().warn(warning.to_owned());
        }
        assert_eq!(*said.lock().unwrap(), ["loose", "no locks"]);
    }
}
