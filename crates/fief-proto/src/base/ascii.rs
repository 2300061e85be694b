//! The characters that tokens and identifiers are made of.

/// Not empty, and without spaces, control characters or anything beyond ASCII.
pub(crate) fn is_visible_ascii(string: &str) -> bool {
    // A fold without an early exit, because the compiler turns it into vector instructions.
    !string.is_empty() && string.bytes().fold(true, |so_far, byte| so_far & byte.is_ascii_graphic())
}
