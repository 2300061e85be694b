//! The characters that tokens and identifiers are made of.

/// Not empty, and without spaces, control characters or anything beyond ASCII.
pub(crate) fn is_visible_ascii(text: &str) -> bool {
    // Without a way out, which the compiler turns into a few wide instructions.
    !text.is_empty() && text.bytes().fold(true, |so_far, byte| so_far & byte.is_ascii_graphic())
}
