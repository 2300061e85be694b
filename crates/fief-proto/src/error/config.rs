//! A configuration that can't work.

use std::fmt;

/// The configuration was refused. The text says which option and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigError {
    option: &'static str,
    message: String,
}

impl ConfigError {
    pub(crate) fn new(option: &'static str, message: impl Into<String>) -> Self {
        Self { option, message: message.into() }
    }

    /// A stable name of the option at fault, `base_url` for example.
    pub fn option(&self) -> &'static str {
        self.option
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration can't be used: {}", self.message)
    }
}

impl std::error::Error for ConfigError {}
