//! What is wrong on this side: an argument, the configuration, the machine's randomness.

use std::fmt;

use super::transport::Cause;

/// An argument was refused before anything was sent. The value itself is never shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ArgumentError {
    argument: &'static str,
    fault: &'static str,
}

impl ArgumentError {
    pub(crate) const fn new(argument: &'static str, fault: &'static str) -> Self {
        Self { argument, fault }
    }

    /// The name of the argument, `redirect_uri` for example.
    pub fn argument(&self) -> &'static str {
        self.argument
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the argument `{}` {}", self.argument, self.fault)
    }
}

impl std::error::Error for ArgumentError {}

/// The configuration was refused. The message says which option and what to do.
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

/// The operating system has no random numbers, so that no login can begin.
#[derive(Clone, Debug, PartialEq)]
pub struct EntropyError(Cause);

impl EntropyError {
    /// Wraps what the operating system says.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Cause::new(cause))
    }
}

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system provides no random numbers")
    }
}

impl std::error::Error for EntropyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.0.as_error())
    }
}
