//! A configuration that can't work.

use std::fmt;

/// The configuration was refused. The text says which option and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigError {
    reason: &'static str,
    message: String,
}

impl ConfigError {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }

    /// A stable name of what is at fault, mostly an option: `base_url` for example.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration can't be used: {}", self.message)
    }
}

impl std::error::Error for ConfigError {}
