//! A sign-in whose answer the user carries over by hand.

use std::io::{self, BufRead as _, ErrorKind, Read as _};

use fief_ureq::Secret;

use crate::{Error, loopback::Expected, options::Read};

/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;
/// How often the user may paste something that can't be it.
const MOST_TRIES: usize = 5;

/// What the user has pasted.
pub(crate) enum Pasted {
    /// The address that the browser was sent to, or its query, with the right state.
    Callback(Secret),
    /// The code alone. Nonce and PKCE stand in for the state.
    Code(Secret),
}

/// Reads a line of standard input.
pub(crate) fn read_line() -> io::Result<String> {
    let mut line = String::new();
    match io::stdin().lock().take(LONGEST_LINE).read_line(&mut line)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(line),
    }
}

/// Reads until something is pasted that answers this sign-in; `wrong` tells the user that something
/// else does not.
pub(crate) fn ask(read: &Read, expected: &Expected, wrong: impl Fn()) -> Result<Pasted, Error> {
    for _ in 0..MOST_TRIES {
        let pasted = match read() {
            Ok(pasted) => Secret::from(pasted),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(Error::Input(error.into())),
        };
        if let Some(pasted) = understand(pasted.expose().trim(), expected) {
            return Ok(pasted);
        }
        wrong();
    }
    Err(Error::AuthorizationCodeMissing)
}

fn understand(pasted: &str, expected: &Expected) -> Option<Pasted> {
    let is_callback = ["://", "code=", "error=", "state="].iter().any(|sign| pasted.contains(sign));
    if is_callback {
        let query = pasted.split_once('?').map_or(pasted, |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        return expected.is_answered_by(query).then(|| Pasted::Callback(pasted.into()));
    }
    let is_code = !pasted.is_empty() && pasted.bytes().all(|byte| byte.is_ascii_graphic());
    is_code.then(|| Pasted::Code(pasted.into()))
}
