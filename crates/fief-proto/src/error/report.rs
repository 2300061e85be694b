//! A whole chain of errors in one line.

use std::{error::Error, fmt};

/// Shows an error with all its sources in one line, `what: because: because`.
///
/// ```
/// use fief_proto::{Config, Report};
///
/// let error = Config::new("fief.example", "ID").build().unwrap_err();
/// let line = Report(&error).to_string();
/// assert_eq!(
///     line,
///     "the configuration can't be used: the option `base_url` is not an absolute URL"
/// );
/// ```
pub struct Report<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
