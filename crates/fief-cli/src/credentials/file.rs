//! Credentials in a file of the user.

use std::{
    fmt,
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use zeroize::Zeroizing;

use super::{CredentialStore, Credentials, FileLock, StoreLock};
use crate::terminal::{self, Say};

/// The longest file that is read, in bytes: more than any credentials need.
const LONGEST: usize = 1024 * 1024;
/// How many bytes are written to see whether there is space: more than most credentials need.
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
}

enum Content {
    Absent,
    Corrupt,
    Good(Box<Credentials>),
}

impl CredentialsFile {
    /// Keeps them in the file of this path. Nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), say: Arc::new(terminal::say) }
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
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
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
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        const STICKY: u32 = 0o1000;
        let us = rustix::process::geteuid().as_raw();
        // Root can read and write every file anyway.
        if metadata.uid() != us && metadata.uid() != 0 {
            let message = format!("it belongs to another user, whose ID is {}", metadata.uid());
            return Err(io::Error::new(ErrorKind::PermissionDenied, message));
        }
        if metadata.mode() & 0o077 != 0 && metadata.uid() == us {
            let closed = file.set_permissions(fs::Permissions::from_mode(0o600)).is_ok();
            self.warn_of_loose(&self.path, metadata.mode(), closed);
        }
        let folder = fs::metadata(self.folder())?;
        if folder.mode() & (STICKY | 0o002) == 0o002 && folder.uid() == us {
            let closed = fs::Permissions::from_mode(folder.mode() & 0o7775);
            let closed = fs::set_permissions(self.folder(), closed).is_ok();
            self.warn_of_loose(self.folder(), folder.mode(), closed);
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn make_private(&self, _: &File, _: &Metadata) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn warn_of_loose(&self, path: &Path, mode: u32, closed: bool) {
        (self.say)(&format!(
            "Warning: other users of this machine {} {}{}",
            if closed { "had access to" } else { "have access to" },
            path.display(),
            if closed {
                format!(" (mode {:o}); it is now closed to them", mode & 0o777)
            } else {
                ", and it can't be closed to them".to_owned()
            }
        ));
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
        // Created anew each time: an existing one may belong to another user.
        remove(&new).and_then(|()| {
            let mut file =
                without_links(OpenOptions::new().write(true).create_new(true)).open(&new)?;
            file.write_all(content)?;
            file.sync_all()
        })?;
        Ok(new)
    }

    /// Handles the `….new` of a process that was killed: uses it if it is complete and newer,
    /// because it may hold the only copy of a refresh token, or else deletes it. If that fails,
    /// saving fails too, with the reason.
    fn recover(&self) {
        let new = self.beside(".new");
        let changed = |path: &Path| fs::symlink_metadata(path).and_then(|file| file.modified());
        let Ok(written) = changed(&new) else { return };
        let is_newer = changed(&self.path).is_ok_and(|before| before <= written)
            || changed(&self.path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if is_newer && matches!(self.read(&new), Ok(Content::Good(_))) {
            let _ = fs::rename(&new, &self.path);
            self.sync_folder();
        } else {
            let _ = fs::remove_file(&new);
        }
    }
}

impl CredentialStore for CredentialsFile {
    fn load(&self) -> io::Result<Option<Credentials>> {
        Ok(match self.read(&self.path)? {
            Content::Good(credentials) => Some(*credentials),
            Content::Absent | Content::Corrupt => None,
        })
    }

    fn save(&self, credentials: &Credentials) -> io::Result<()> {
        let mut content = Zeroizing::new(Vec::with_capacity(ROOM));
        serde_json::to_writer(&mut *content, credentials)?;
        self.make_folder()?;
        self.write_new(&content)
            .and_then(|new| {
                if matches!(self.read(&self.path), Ok(Content::Corrupt)) {
                    fs::rename(&self.path, self.beside(".corrupt"))?;
                }
                fs::rename(new, &self.path)
            })
            .map_err(|error| in_path("write", &self.path, error))?;
        self.sync_folder();
        Ok(())
    }

    fn try_save(&self) -> io::Result<()> {
        self.make_folder()?;
        let fails = |error| in_path("write", &self.path, error);
        if let Ok(metadata) = fs::symlink_metadata(&self.path)
            && !metadata.is_file()
        {
            let what = if metadata.is_symlink() { "a symbolic link" } else { "not a file" };
            let message = format!("it is {what}; remove it, or choose another path");
            return Err(fails(io::Error::new(ErrorKind::InvalidInput, message)));
        }
        self.write_new(&vec![b' '; ROOM]).and_then(|new| remove(&new)).map_err(|error| {
            let _ = remove(&self.beside(".new"));
            fails(error)
        })
    }

    fn clear(&self) -> io::Result<()> {
        // The newest first: otherwise `….new` could be mistaken for an interrupted save.
        for path in [self.beside(".new"), self.beside(".corrupt"), self.path.clone()] {
            remove(&path)
                // In a folder that can't be written, the file often can.
                .or_else(|error| {
                    without_links(OpenOptions::new().write(true).truncate(true))
                        .open(&path)
                        .map_or(Err(error), |_| Ok(()))
                })
                .map_err(|error| in_path("remove", &path, error))?;
        }
        self.sync_folder();
        Ok(())
    }

    fn lock(&self) -> io::Result<StoreLock<'_>> {
        self.make_folder()?;
        let lock = FileLock::acquire(self.beside(".lock"))?;
        if lock.is_of_this_process() {
            (self.say)(&format!(
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

/// Removes a file, or a link, that may be absent.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Opens the file itself and not the target of a link, for its owner alone if it is created; and
/// does not block if it is a pipe.
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
