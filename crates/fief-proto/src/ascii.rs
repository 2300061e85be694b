//! The texts that tokens and identifiers are made of.

/// Not empty, and without spaces, control characters or anything beyond ASCII.
pub(crate) fn is_visible_ascii(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
