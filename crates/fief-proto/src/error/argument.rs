//! A value of the caller's that can't be sent.

use std::fmt;

/// An argument was refused before anything was sent. The value itself is never shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ArgumentError {
    argument: &'static str,
    expected: &'static str,
}

impl ArgumentError {
    pub(crate) const fn new(argument: &'static str, expected: &'static str) -> Self {
        Self { argument, expected }
    }

    /// The name of the argument, `redirect_uri` for example.
    pub fn argument(&self) -> &'static str {
        self.argument
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the argument `{}` {}", self.argument, self.expected)
    }
}

impl std::error::Error for ArgumentError {}
