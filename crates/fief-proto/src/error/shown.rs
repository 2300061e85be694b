//! Foreign text, made fit to be shown.

use std::fmt;

/// How many characters of a foreign text are shown.
const LONGEST: usize = 200;

/// A text of the server's or the browser's: control and formatting characters escaped, cut short,
/// so that it can't forge a log line, hide itself or fill a disk.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(LONGEST) {
            if is_hidden(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if characters.next().is_some() { f.write_str("…") } else { Ok(()) }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Control characters, and those that reorder or hide the text around them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped_and_cut() {
        let text = format!("a\nb\u{1b}[31m\u{202e}{}", "x".repeat(1_000));
        let shown = Shown(&text).to_string();
        assert!(shown.starts_with(r"a\u{a}b\u{1b}[31m\u{202e}xxx"));
        assert!(shown.ends_with("x…"));
        assert!(shown.len() < 300);
    }
}
