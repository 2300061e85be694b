//! ureq is stricter than HTTP: it refuses more than 128 header fields, and chunk extensions beyond
//! a few bytes (RFC 9112 section 7.1.1). Both are simplified before it reads them.

use std::{
    borrow::Cow,
    io::{self, ErrorKind},
};

/// So many lines of a head are passed on; of the rest, only those that say how to read the answer.
const MANY_LINES: usize = 100;

/// The fields that are never left out.
const NEEDED: [&[u8]; 8] = [
    b"connection",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"location",
    b"retry-after",
    b"transfer-encoding",
    b"www-authenticate",
];

/// The head of an answer.
pub(crate) struct Head<'a> {
    /// Its length in bytes, as it came.
    pub length: usize,
    pub simplified: Cow<'a, [u8]>,
    /// None if it is an interim answer, after which another head follows.
    pub framing: Option<Framing>,
}

impl<'a> Head<'a> {
    /// The head at the beginning of what was read, if it is complete.
    pub fn find(read: &'a [u8]) -> Option<Self> {
        let (mut lines, mut length) = (0, 0);
        let (mut status, mut is_chunked) = (None, false);
        for line in lines_of(read) {
            length += line.len();
            let is_empty = matches!(line, b"\r\n" | b"\n");
            match status {
                // An empty line may precede the head.
                None if is_empty => {}
                None => status = Some(line.split(|byte| *byte == b' ').nth(1).unwrap_or_default()),
                Some(status) if is_empty => {
                    let head = read.get(..length)?;
                    let framing = if is_chunked { Framing::Size(0) } else { Framing::None };
                    return Some(Self {
                        length,
                        simplified: if lines <= MANY_LINES { head.into() } else { few_of(head) },
                        framing: (!status.starts_with(b"1")).then_some(framing),
                    });
                }
                Some(_) => is_chunked |= is_named(line, b"transfer-encoding") && ends_chunked(line),
            }
            lines += 1;
        }
        None
    }
}

fn few_of(head: &[u8]) -> Cow<'_, [u8]> {
    let is_needed = |line: &[u8]| NEEDED.iter().any(|name| is_named(line, name));
    let is_last = |line: &[u8]| line.trim_ascii().is_empty();
    let lines = lines_of(head).enumerate();
    let kept = lines.filter(|(at, line)| *at < MANY_LINES || is_needed(line) || is_last(line));
    kept.flat_map(|(_, line)| line).copied().collect::<Vec<_>>().into()
}

/// With their ends, the last one only if it has one.
fn lines_of(read: &[u8]) -> impl Iterator<Item = &[u8]> {
    read.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"))
}

fn is_named(line: &[u8], name: &[u8]) -> bool {
    line.split_at_checked(name.len())
        .is_some_and(|(start, rest)| start.eq_ignore_ascii_case(name) && rest.starts_with(b":"))
}

fn ends_chunked(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.len().checked_sub(7).is_some_and(|at| is_like(line.get(at..), b"chunked"))
}

fn is_like(bytes: Option<&[u8]>, other: &[u8]) -> bool {
    bytes.is_some_and(|bytes| bytes.eq_ignore_ascii_case(other))
}

/// Where in a chunked body the next byte is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Framing {
    /// Behind the size of the last chunk, or in a body without chunks: nothing is left out.
    None,
    /// In the size of a chunk, which is this so far.
    Size(usize),
    /// In an extension behind the size.
    Extension(usize),
    /// Behind the carriage return that ends an extension.
    EndOfExtension(usize),
    /// So many bytes before the next size: in a chunk or in the line end behind it.
    Data(usize),
}

impl Framing {
    /// Removes the extensions. Returns how many bytes remain, moved to the front.
    ///
    /// Where a size is malformed, everything is passed on, and ureq reports it.
    pub fn simplify(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let data = |size: usize| Self::Data(size.saturating_add(2));
        let (mut at, mut kept) = (0, 0);
        while let Some(&byte) = bytes.get(at) {
            let rest = bytes.len() - at;
            let (next, length, is_kept) = match (*self, byte) {
                (Self::None, _) | (Self::Size(0), b'\r') => (Self::None, rest, true),
                (Self::Data(left), _) if left <= rest => (Self::Size(0), left, true),
                (Self::Data(left), _) => (Self::Data(left - rest), rest, true),
                (Self::Size(size), b'\n') => (data(size), 1, true),
                (Self::Size(size), b';') => (Self::Extension(size), 1, false),
                (Self::Size(size), byte) => match char::from(byte).to_digit(16) {
                    Some(digit) => {
                        let size = size.saturating_mul(16).saturating_add(digit as usize);
                        (Self::Size(size), 1, true)
                    }
                    None => (Self::Size(size), 1, true),
                },
                (Self::Extension(size), b'\r') => (Self::EndOfExtension(size), 1, true),
                (Self::EndOfExtension(0), b'\n') => (Self::None, 1, true),
                (Self::EndOfExtension(size), b'\n') => (data(size), 1, true),
                (Self::EndOfExtension(_), _) | (Self::Extension(_), b'\n') => {
                    let what = "a chunk extension does not end with a line end";
                    return Err(io::Error::new(ErrorKind::InvalidData, what));
                }
                (Self::Extension(size), _) => (Self::Extension(size), 1, false),
            };
            if is_kept {
                bytes.copy_within(at..at + length, kept);
                kept += length;
            }
            (*self, at) = (next, at + length);
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_left_out_wherever_the_reads_end() {
        let came =
            b"5;foo=bar;x=\"q;\\\"z\"\r\nhel\nl\r\n00a ;y\r\n0123456789\r\n0;z\r\nx: a;b\r\n\r\n";
        let passed = b"5\r\nhel\nl\r\n00a \r\n0123456789\r\n0\r\nx: a;b\r\n\r\n";
        for size in 1..=came.len() {
            let mut framing = Framing::Size(0);
            let simplified: Vec<u8> = came
                .chunks(size)
                .flat_map(|part| {
                    let mut part = part.to_vec();
                    let kept = framing.simplify(&mut part).unwrap_or_default();
                    part.truncate(kept);
                    part
                })
                .collect();
            assert_eq!(String::from_utf8_lossy(&simplified), String::from_utf8_lossy(passed));
        }
        for malformed in [&b"5;a\rb\r\n"[..], b"5;a\nhello"] {
            assert!(Framing::Size(0).simplify(&mut malformed.to_vec()).is_err());
        }
    }

    #[test]
    fn of_many_fields_those_that_matter_are_left() {
        let many = "x: y\r\n".repeat(1000);
        let head = format!("HTTP/1.1 200 OK\r\n{many}Content-Length: 5\r\n\r\n");
        let found = Head::find(head.as_bytes()).expect("a head");
        assert_eq!((found.length, found.framing), (head.len(), Some(Framing::None)));
        let simplified = String::from_utf8_lossy(&found.simplified).into_owned();
        assert_eq!(simplified.lines().count(), MANY_LINES + 2);
        assert!(simplified.ends_with("x: y\r\nContent-Length: 5\r\n\r\n"));
    }

    #[test]
    fn a_head_is_found_when_it_is_complete() {
        let chunked = "\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked \r\n\r\nbody";
        for length in 0..chunked.len() {
            let found = Head::find(chunked.get(..length).unwrap_or_default().as_bytes());
            assert_eq!(found.is_some(), length >= chunked.len() - 4, "{length}");
        }
        let framing = |head: &str| Head::find(head.as_bytes()).and_then(|head| head.framing);
        assert_eq!(framing(chunked), Some(Framing::Size(0)));
        assert_eq!(framing("HTTP/1.1 200\n\n"), Some(Framing::None));
        assert_eq!(framing("HTTP/1.1 103 Early Hints\r\n\r\n"), None);
    }
}
