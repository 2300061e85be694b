//! The folder in which the platform keeps such files.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};

/// The usual path for the credentials of the program `app`, in the user's own folder:
///
/// | platform | path |
/// |---|---|
/// | Linux and other Unix | `$XDG_DATA_HOME/app/credentials.json`, in `~/.local/share` by default |
/// | macOS | `~/Library/Application Support/app/credentials.json` |
/// | Windows | `%APPDATA%\app\credentials.json` |
///
/// For several accounts use several files, for example one for each profile:
///
/// ```
/// let path = fief_cli::default_path("castles")?.with_file_name("work.json");
/// # assert!(path.ends_with("castles/work.json"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If the user has no home folder, or `app` is not the name of a folder.
pub fn default_path(app: &str) -> io::Result<PathBuf> {
    let mut parts = Path::new(app).components();
    let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(name)), None) if name == app);
    if !is_name {
        let message = "the name of the program is not the name of a folder";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let folders = choose_native_strategy().map_err(io::Error::other)?;
    below(&folders.data_dir(), app)
}

fn below(folder: &Path, app: &str) -> io::Result<PathBuf> {
    if folder.is_absolute() {
        return Ok(folder.join(app).join("credentials.json"));
    }
    // Else they would lie about wherever the program is started.
    Err(io::Error::other("the home folder of the user is not known: set HOME to its path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_file_of_the_program_alone() {
        let path = default_path("castles").unwrap();
        assert!(path.is_absolute() && path.ends_with("castles/credentials.json"), "{path:?}");
        for name in ["", ".", "..", "/etc", "a/b", "../a", "a/", "./a"] {
            assert!(default_path(name).is_err(), "{name}");
        }
    }

    #[test]
    fn it_is_in_no_folder_that_depends_on_where_the_program_is_started() {
        for folder in ["", ".local/share", "./share"] {
            assert!(below(Path::new(folder), "castles").is_err(), "{folder}");
        }
    }
}
