//! What can be wrong, and what to do about it.

use std::{error::Error, fmt, io, path::Path};

use fief_devserver::StartError;
use fief_proto::Report;

use crate::arguments::Arguments;

/// A message for the user who has started the program.
pub struct Problem(String);

impl Problem {
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// A problem with a file.
    pub fn file(path: &Path, error: &(dyn Error + 'static)) -> Self {
        Self(format!("{}: {}", path.display(), Report(error)))
    }

    pub fn start(error: StartError, arguments: &Arguments) -> Self {
        let Arguments { address, port, .. } = arguments;
        match error {
            StartError::Io(error) if error.kind() == io::ErrorKind::AddrInUse => Self(format!(
                "port {port} of {address} is in use. End what listens there, or choose another \
                 with --port (0 chooses a free one)."
            )),
            StartError::Io(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
                Self(format!("{address} is not an address of this machine."))
            }
            StartError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Self(format!(
                    "this program may not listen on port {port}. Try one above 1023 with --port."
                ))
            }
            StartError::NotLoopback => Self(format!(
                "{address} can be reached from other machines, and this server protects nothing: \
                 everyone who can reach it can sign in as anybody. If that is what you want, add \
                 --dangerous-listen-beyond-loopback."
            )),
            error => Self(format!("{}.", Report(&error))),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self(format!("{}.", Report(&error)))
    }
}
