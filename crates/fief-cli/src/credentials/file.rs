//! Credentials in a file of the user's.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{CredentialStore, Credentials, StoreLock, lock::FileLock};

/// More than any credentials need, in bytes. A longer file is none of ours.
const LONGEST: usize = 1024 * 1024;

/// Keeps the credentials in a JSON file that only its owner can read.
///
/// - The file is made with mode 0600, in a folder that is made with mode 0700 if it is not there.
///   On Windows it has the rights of its folder, which in the user's profile are the user's.
/// - It is replaced as a whole: written to a temporary file in the same folder, synced, renamed. A
///   reader sees the old or the new one, and a crash leaves one of them.
/// - It is not read or written through a symbolic link.
/// - A file that can't be understood means "signed out". It is not destroyed: before another takes
///   its place it is renamed to `….corrupt-1`, `….corrupt-2` and so on.
/// - The lock is a file of its own beside it, `….lock`, which stays.
#[derive(Clone, Debug)]
pub struct CredentialsFile {
    path: PathBuf,
}

enum Content {
    Absent,
    Corrupt,
    Good(Box<Credentials>),
}

impl CredentialsFile {
    /// Keeps them in the file of this path. Nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
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

    fn file_name(&self) -> io::Result<&OsStr> {
        self.path.file_name().ok_or_else(|| {
            let error = io::Error::new(ErrorKind::InvalidInput, "it is not the path of a file");
            in_path("use", &self.path, error)
        })
    }

    fn read(&self) -> io::Result<Content> {
        let text = match self.read_text() {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::Absent),
            Err(error) => return Err(in_path("read", &self.path, error)),
        };
        // What serde says about it could repeat a part of it.
        Ok(match serde_json::from_slice(&text) {
            Ok(credentials) if text.len() <= LONGEST => Content::Good(Box::new(credentials)),
            _ => Content::Corrupt,
        })
    }

    fn read_text(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        let file = without_links(OpenOptions::new().read(true)).open(&self.path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is no file"));
        }
        // Of the right size at once, so that no copy stays behind when it grows.
        let size = usize::try_from(metadata.len()).unwrap_or(LONGEST).min(LONGEST) + 2;
        let mut text = Zeroizing::new(Vec::with_capacity(size));
        file.take(LONGEST as u64 + 1).read_to_end(&mut text)?;
        Ok(text)
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(self.folder()).map_err(|error| in_path("make", self.folder(), error))
    }

    /// Gives a file that can't be understood another name.
    fn set_aside(&self) -> io::Result<()> {
        let is_free = |path: &PathBuf| {
            fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
        };
        let mut names = (1..1_000).map(|number| self.beside(&format!(".corrupt-{number}")));
        let aside = names.find(is_free).ok_or(ErrorKind::AlreadyExists)?;
        fs::rename(&self.path, aside)
    }

    /// So that a rename outlasts a crash of the machine. Not every file system can do it, and the
    /// rename itself is done.
    fn sync_folder(&self) {
        if cfg!(unix) {
            let _ = File::open(self.folder()).and_then(|folder| folder.sync_all());
        }
    }

    fn write(&self, text: &[u8]) -> io::Result<()> {
        let mut prefix = OsString::from(".");
        prefix.push(self.file_name()?);
        prefix.push(".");
        // Made anew, with a name that nobody can foresee, and mode 0600.
        let mut file = tempfile::Builder::new().prefix(&prefix).tempfile_in(self.folder())?;
        file.write_all(text)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        self.sync_folder();
        Ok(())
    }
}

impl CredentialStore for CredentialsFile {
    fn load(&self) -> io::Result<Option<Credentials>> {
        Ok(match self.read()? {
            Content::Good(credentials) => Some(*credentials),
            Content::Absent | Content::Corrupt => None,
        })
    }

    fn save(&self, credentials: &Credentials) -> io::Result<()> {
        let mut text = Zeroizing::new(Vec::with_capacity(64 * 1024));
        serde_json::to_writer(&mut *text, credentials)?;
        self.make_folder()?;
        if matches!(self.read()?, Content::Corrupt) {
            self.set_aside().map_err(|error| in_path("set aside", &self.path, error))?;
        }
        self.write(&text).map_err(|error| in_path("write", &self.path, error))
    }

    fn clear(&self) -> io::Result<()> {
        let removed = match self.read()? {
            Content::Absent => Ok(()),
            Content::Corrupt => self.set_aside(),
            Content::Good(_) => fs::remove_file(&self.path),
        };
        self.sync_folder();
        removed.map_err(|error| in_path("remove", &self.path, error))
    }

    fn lock(&self) -> io::Result<StoreLock<'_>> {
        self.file_name()?;
        self.make_folder()?;
        Ok(StoreLock::new(FileLock::acquire(&self.beside(".lock"))?))
    }
}

/// Opens the very file, not what a link at its place points to, for its owner alone if it is made;
/// and does not wait for the other end of a pipe that stands there.
pub(super) fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        /// Opens a link itself, which is no file then.
        const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    }
    options
}

/// Says which file it was.
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
        if self.error.raw_os_error() == Some(libc::ELOOP) {
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
