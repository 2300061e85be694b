//! What a call can end in.

use std::{fmt, io, sync::Arc};

use crate::TransportError;

/// Why a call gave nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The operating system gives no randomness for a login.
    Entropy(Arc<io::Error>),
    /// The protocol: whose fault it is, and why.
    Protocol(fief_proto::Error),
    /// The way to the server.
    Transport(TransportError),
}

impl Error {
    /// A stable name of what went wrong, in `snake_case`: `transport`, `entropy`, or that of
    /// [`fief_proto::Error::kind`].
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Entropy(_) => "entropy",
            Self::Protocol(error) => error.kind(),
            Self::Transport(_) => "transport",
        }
    }

    /// A stable name of the particular reason, where the kind has several.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Entropy(_) => None,
            Self::Protocol(error) => error.reason(),
            Self::Transport(error) => Some(error.reason()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entropy(_) => f.write_str("the operating system gives no randomness"),
            Self::Protocol(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Entropy(error) => Some(error.as_ref()),
            Self::Protocol(error) => error.source(),
            Self::Transport(error) => error.source(),
        }
    }
}

impl From<fief_proto::Error> for Error {
    fn from(error: fief_proto::Error) -> Self {
        Self::Protocol(error)
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}
