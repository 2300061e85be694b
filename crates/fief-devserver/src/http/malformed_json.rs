//! Where a text stops being JSON, in the words of Python, which answers show.

/// The position of the first fault in characters, and its name. None if Python would find none.
pub(super) fn first_fault(text: &str) -> Option<(usize, &'static str)> {
    let fault = Scanner { bytes: text.as_bytes(), at: 0 }.document().err()?;
    let before = text.get(..fault.at).unwrap_or(text);
    Some((before.chars().count(), fault.error))
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

struct Fault {
    at: usize,
    error: &'static str,
}

/// What comes next.
#[derive(Clone, Copy)]
enum Expected {
    Value,
    /// The name of a member, or the end of the object if it is the first.
    Name {
        first: bool,
    },
    /// What follows a value: a comma or an end.
    Rest,
}

impl Scanner<'_> {
    /// Keeps a stack of its own, so that nesting can't exhaust the real one.
    fn document(&mut self) -> Result<(), Fault> {
        let mut open = Vec::new();
        let mut expected = Expected::Value;
        loop {
            self.skip_blanks();
            expected = match expected {
                Expected::Value => match self.peek() {
                    Some(b'{') => {
                        self.at += 1;
                        open.push(b'}');
                        Expected::Name { first: true }
                    }
                    Some(b'[') => {
                        self.at += 1;
                        open.push(b']');
                        self.skip_blanks();
                        if self.peek() == Some(b']') { Expected::Rest } else { Expected::Value }
                    }
                    _ => {
                        self.scalar()?;
                        Expected::Rest
                    }
                },
                Expected::Name { first: true } if self.peek() == Some(b'}') => Expected::Rest,
                Expected::Name { .. } => {
                    if self.peek() != Some(b'"') {
                        return self.fault("Expecting property name enclosed in double quotes");
                    }
                    self.string()?;
                    self.skip_blanks();
                    if self.peek() != Some(b':') {
                        return self.fault("Expecting ':' delimiter");
                    }
                    self.at += 1;
                    Expected::Value
                }
                Expected::Rest => match (open.last().copied(), self.peek()) {
                    (None, None) => return Ok(()),
                    (None, Some(_)) => return self.fault("Extra data"),
                    (Some(end), Some(found)) if end == found => {
                        self.at += 1;
                        open.pop();
                        Expected::Rest
                    }
                    (Some(end), Some(b',')) => {
                        self.at += 1;
                        if end == b'}' { Expected::Name { first: false } } else { Expected::Value }
                    }
                    (Some(_), _) => return self.fault("Expecting ',' delimiter"),
                },
            };
        }
    }

    fn scalar(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'"') {
            return self.string();
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        for word in ["null", "true", "false", "NaN", "Infinity", "-Infinity"] {
            if rest.starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(());
            }
        }
        self.number()
    }

    /// As much as is a number; what follows is somebody else's fault.
    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.take(b"-");
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if self.digits() == 0 {
            return Err(Fault { at: start, error: "Expecting value" });
        }
        let whole = self.at;
        if !self.take(b".") || self.digits() == 0 {
            self.at = whole;
        }
        let mantissa = self.at;
        let has_exponent = self.take(b"eE");
        self.take(b"+-");
        if !has_exponent || self.digits() == 0 {
            self.at = mantissa;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Fault { at: start, error: "Unterminated string starting at" }),
                Some(b'"') => break self.at += 1,
                Some(b'\\') => match self.bytes.get(self.at + 1) {
                    None => {
                        return Err(Fault { at: start, error: "Unterminated string starting at" });
                    }
                    Some(b'u') => {
                        let digits = self.bytes.get(self.at + 2..self.at + 6).unwrap_or_default();
                        let is_last = self.at + 6 >= self.bytes.len();
                        if digits.len() < 4 || is_last || !digits.iter().all(u8::is_ascii_hexdigit)
                        {
                            let error = "Invalid \\uXXXX escape";
                            return Err(Fault { at: self.at + 1, error });
                        }
                        self.at += 6;
                    }
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
                    Some(_) => return self.fault("Invalid \\escape"),
                },
                Some(..0x20) => return self.fault("Invalid control character at"),
                Some(_) => self.at += 1,
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn take(&mut self, any_of: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| any_of.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn skip_blanks(&mut self) {
        while self.take(b" \t\n\r") {}
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn fault(&self, error: &'static str) -> Result<(), Fault> {
        Err(Fault { at: self.at, error })
    }
}
