//! Which foreign strings may be part of a message.

use std::fmt;

/// How many characters of a string are shown.
const LONGEST: usize = 200;

/// A string whose content is known to be harmless (a host, a client ID, a claim of a token whose
/// signature was checked), made fit for one line: control and formatting characters escaped, cut
/// short, so that it can't forge a log line, hide itself or fill a disk.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(empty)");
        }
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

/// Control characters, and those that reorder or hide the characters around them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A code in a message, or a remark in its place if it does not look like a protocol's code.
///
/// Error codes are words of one case joined by underscores: `invalid_grant` (RFC 6749 section 5.2),
/// `ACR_TOO_LOW` (Fief), `int_parsing` and `value_error.number.not_ge` (validation errors). A
/// server that repeats a token, a secret or a password in such a member does not get it into a log
/// that way.
pub(crate) struct Code<'a>(pub(crate) &'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if is_code(self.0) { self.0 } else { "(a code that is not shown)" })
    }
}

impl fmt::Debug for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// The only codes of one word that are shown: any other could be a password.
const ONE_WORD: [&str; 6] =
    ["Forbidden", "Unauthorized", "Not Found", "Method Not Allowed", "enum", "missing"];

pub(super) fn is_code(string: &str) -> bool {
    let of_words = |in_case: fn(&u8) -> bool| {
        string.contains('_')
            && string
                .split(['_', '.'])
                .all(|word| !word.is_empty() && word.as_bytes().iter().all(in_case))
    };
    ONE_WORD.contains(&string)
        || (string.len() <= 64
            && (of_words(u8::is_ascii_lowercase) || of_words(u8::is_ascii_uppercase)))
}

/// Whether this is a name that a program gave: short, of letters, digits and underscores, with few
/// digits. So are the fields of a form; tokens, secrets and hashes are not.
pub(crate) fn is_identifier(string: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    string.len() <= 64
        && string.bytes().next().is_some_and(is_letter)
        && string.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
        && string.bytes().filter(u8::is_ascii_digit).count() <= 3
}

/// Whether this looks like a host with a usual name, and not like a token that was made one.
pub(crate) fn is_host(string: &str) -> bool {
    let is_of_a_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    string.len() <= 100
        && string.bytes().all(is_of_a_host)
        && string.split('.').all(|label| label.len() <= 32)
}

/// Whether this looks like the name of an algorithm (RFC 7518): `RS256`, `A256CBC-HS512`.
pub(crate) fn is_algorithm(string: &str) -> bool {
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-+_".contains(&byte);
    (1..=20).contains(&string.len()) && string.bytes().all(is_of_a_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_are_escaped_and_length_is_cut() {
        let string = format!("a\nb\u{1b}[31m\u{202e}{}", "x".repeat(1_000));
        let shown = Shown(&string).to_string();
        assert!(shown.starts_with(r"a\u{a}b\u{1b}[31m\u{202e}xxx"));
        assert!(shown.ends_with("x…"));
        assert!(shown.len() < 300);
    }

    #[test]
    fn codes_of_protocols_are_shown_and_nothing_else() {
        for code in [
            "invalid_grant",
            "temporarily_unavailable",
            "ACR_TOO_LOW",
            "USER_UPDATE_INVALID_PASSWORD",
            "int_parsing",
            "value_error.number.not_ge",
            "missing",
            "Unauthorized",
        ] {
            assert_eq!(Code(code).to_string(), code);
        }
        for other in [
            "",
            "hermine",
            "_",
            "invalid_",
            "Tr0ub4dor/+&=x9",
            "hermine-tincture-1488",
            "eyJhbGciOiJSUzI1NiJ9",
            "mixed_Case",
            "two words",
            "with_digit_1",
        ] {
            assert_eq!(Code(other).to_string(), "(a code that is not shown)", "{other}");
        }
    }

    #[test]
    fn identifiers() {
        for name in ["body", "onboarding_done", "castles", "field_2"] {
            assert!(is_identifier(name), "{name}");
        }
        for other in ["", "hermine-tincture", "eyJhbGciOi", "0c1d2e", "a1b2c3d4e5", "pass word"] {
            assert!(!is_identifier(other), "{other}");
        }
    }
}
