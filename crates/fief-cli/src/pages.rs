//! What the browser shows at the end. The user reads why on the terminal: nothing of a request is
//! ever repeated on a page.

/// The user is signed in.
pub(crate) const SUCCESS: &str = include_str!("pages/success.html");
/// The user is not signed in.
pub(crate) const ERROR: &str = include_str!("pages/error.html");
/// Nobody asked for this.
pub(crate) const NOT_FOUND: &str = "<!DOCTYPE html><title>Not found</title><p>Not found.";
