//! Where a login may lead back to: a path of this site, in whatever form it is given.

use tracing::warn;
use url::Url;

use super::state::LONGEST_RETURN_TO;

/// The longest string that is read, in bytes.
const LONGEST_READ: usize = 16 * 1024;

/// The path to go to, as the browser will read it; none if it could lead anywhere else. If it is
/// too long for the state of a login, its query is left out.
pub(super) fn local_path(string: &str) -> Option<String> {
    let is_plain = |string: &str| string.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if string.len() > LONGEST_READ || !string.starts_with('/') || !is_plain(string) {
        return None;
    }
    // Resolved as the browser will do it: without dot segments, and with the host.
    let here = Url::parse("https://here.invalid/").ok()?;
    let there = here.join(string).ok()?;
    if there.origin() != here.origin() || !there.username().is_empty() || there.password().is_some()
    {
        return None;
    }
    // A proxy or another program may decode the path, even more than once: each result is checked.
    let mut path = there.path().to_owned();
    for _ in 0..4 {
        let decoded = percent_decoded(&path)?;
        if decoded == path {
            let mut target = there.path().to_owned();
            for (mark, part) in [('?', there.query()), ('#', there.fragment())] {
                if let Some(part) = part {
                    target.push(mark);
                    target.push_str(part);
                }
            }
            if target.len() > LONGEST_RETURN_TO {
                warn!(
                    "the query of `return_to` is too long: the login leads back to its path alone"
                );
                there.path().clone_into(&mut target);
            }
            let is_fine = target.len() <= LONGEST_RETURN_TO && !target.starts_with("//");
            return is_fine.then_some(target);
        }
        if decoded.contains('\\') || decoded.chars().any(char::is_control) {
            return None;
        }
        let resolved = here.join(&decoded).ok()?;
        if decoded.starts_with("//") || resolved.path().starts_with("//") {
            return None;
        }
        path = decoded;
    }
    None
}

/// Decodes once; none if the result is not UTF-8.
fn percent_decoded(string: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(string.len());
    let mut bytes = string.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        let encoded = rest.split_first_chunk::<2>().filter(|_| *first == b'%');
        let byte = encoded.and_then(|(digits, rest)| {
            let digits = std::str::from_utf8(digits).ok()?;
            let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            Some((u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?, rest))
        });
        let (byte, rest) = byte.unwrap_or((*first, rest));
        decoded.push(byte);
        bytes = rest;
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_site_are_kept() {
        let kept = [
            "/",
            "/castles",
            "/castles/42?page=2&sort=name#keep",
            "/a//b",
            "/search?q=https%3A%2F%2Fevil.example%2F",
            "/search?q=//evil.example",
            "/ch%C3%A2teau",
            "/100%25",
            "/@evil.example",
            "/:80/",
            "/.well-known/x",
            "/a/https://evil.example",
        ];
        for path in kept {
            assert_eq!(local_path(path).as_deref(), Some(path));
        }
        assert_eq!(local_path("/a/../b").as_deref(), Some("/b"));
        assert_eq!(local_path("/%2e%2e/b").as_deref(), Some("/b"));
        assert_eq!(local_path("/%2e%2e%2f%2fevil.example/..").as_deref(), Some("/"));
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_not() {
        let refused = [
            "",
            "castles",
            "https://evil.example/",
            "HTTPS://evil.example/",
            "http:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "///evil.example",
            "////evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "/castles\\evil",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\nSet-Cookie: a=b",
            "/a\0b",
            "/a\u{7f}",
            " //evil.example",
            "/ /evil.example",
            "\u{feff}//evil.example",
            "/\u{2028}/evil.example",
            "/\u{ff0f}evil.example",
            "/château",
            "/%2Fevil.example",
            "/%2fevil.example",
            "%2F%2Fevil.example",
            "/%5Cevil.example",
            "/%5c%5cevil.example",
            "/%252Fevil.example",
            "/%25252525252Fevil.example",
            "/%09/evil.example",
            "/%0D%0ALocation:%20//evil.example",
            "/%00",
            "/%ff",
            "/..//evil.example",
            "/.//evil.example",
            "/%2e//evil.example",
            "/a/..//evil.example",
            "/a/../%2Fevil.example",
            "/a/%2e%2e%2f%2fevil.example",
            "/a/%2e%2e/%2fevil.example",
            "/a/%252e%252e%252f%252fevil.example",
        ];
        let let_through: Vec<_> =
            refused.iter().filter_map(|string| Some((string, local_path(string)?))).collect();
        assert!(let_through.is_empty(), "{let_through:?}");
        let length = LONGEST_RETURN_TO;
        assert_eq!(local_path(&format!("/{}", "a".repeat(length))), None);
        assert_eq!(local_path(&format!("/{}", "<".repeat(length - 1))), None);
    }

    #[test]
    fn a_long_one_keeps_its_path() {
        let kept = format!("/castles?q={}", "a".repeat(LONGEST_RETURN_TO - 11));
        assert_eq!(local_path(&kept).as_deref(), Some(kept.as_str()));
        assert_eq!(local_path(&format!("{kept}a")).as_deref(), Some("/castles"));
        assert_eq!(local_path(&format!("/{}", "a".repeat(LONGEST_READ))), None);
    }
}
