//! Signed tokens (RFC 7515), compact and RS256 only.

use std::fmt;

use super::{Parts, decode, header, header_fault, jwk::KeySet, refuse_extensions};
use crate::{
    base::{json::JsonString, secret::wipe},
    config::settings::Settings,
    error::token_fault::TokenFault,
};

/// The parts of a signed token, decoded and not yet verified. The token itself stays with its
/// owner.
pub(crate) struct Jws {
    kid: Option<String>,
    /// How much of the token is signed, in bytes from its beginning.
    signed: usize,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Jws {
    /// Decodes the parts of a token of up to `limit` bytes. `types` are the values of `typ` that it
    /// may have.
    pub(crate) fn parse(
        token: &str,
        limit: usize,
        types: &[&str],
        settings: &Settings,
    ) -> Result<Self, TokenFault> {
        let [protected, payload, signature] = match Parts::of(token, limit)? {
            Parts::Signed(parts) => parts,
            Parts::Encrypted(_) => return Err(TokenFault::Encrypted),
        };
        let header = decode(protected, settings)?;
        let kid = match usual_kid(&header) {
            Some(kid) => Some(kid.to_owned()),
            None => checked_kid(&header, types)?,
        };
        Ok(Self {
            kid,
            signed: protected.len() + 1 + payload.len(),
            payload: decode(payload, settings)?,
            signature: decode(signature, settings)?,
        })
    }

    /// Overwrites the payload.
    pub(crate) fn wipe(&mut self) {
        wipe(&mut self.payload);
    }

    /// Checks the signature of the token that this was read from, by the keys that may have made
    /// it, and returns the payload.
    ///
    /// [`TokenFault::UnknownKey`] means that no key has the `kid` of the header: fetched anew, the
    /// keys may.
    pub(crate) fn verify(&self, token: &str, keys: &KeySet) -> Result<&[u8], TokenFault> {
        let signed = token.as_bytes().get(..self.signed).unwrap_or_default();
        let mut candidates = keys.candidates(self.kid.as_deref()).peekable();
        if candidates.peek().is_none() {
            return Err(TokenFault::UnknownKey);
        }
        if candidates.any(|key| key.verify(signed, &self.signature)) {
            Ok(&self.payload)
        } else {
            Err(TokenFault::BadSignature)
        }
    }
}

impl fmt::Debug for Jws {
    /// Without payload and signature, from which the token could be restored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").finish_non_exhaustive()
    }
}

/// The `kid` of a header as Fief writes it: algorithm and key, nothing else. It needs no parser,
/// whose work would be a seventh of all that the checks of a token add to its signature.
fn usual_kid(header: &[u8]) -> Option<&str> {
    let kid = header.strip_prefix(br#"{"alg":"RS256","kid":""#)?.strip_suffix(br#""}"#)?;
    let kid = std::str::from_utf8(kid).ok()?;
    let stands_for_itself = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    kid.bytes().all(stands_for_itself).then_some(kid)
}

/// The `kid` of any header that is accepted.
fn checked_kid(json: &[u8], types: &[&str]) -> Result<Option<String>, TokenFault> {
    let header = header(json)?;
    let string = |name| header.string(name).map_err(header_fault);
    let algorithm = string("alg")?;
    if algorithm.as_deref() != Some("RS256") {
        return Err(TokenFault::unsupported_algorithm(algorithm.as_deref()));
    }
    refuse_extensions(&header)?;
    if string("typ")?.is_some_and(|typ| !types.iter().any(|known| typ.eq_ignore_ascii_case(known)))
    {
        return Err(TokenFault::UnsupportedType);
    }
    Ok(string("kid")?.map(JsonString::into_owned))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_header_is_recognised() {
        assert_eq!(usual_kid(br#"{"alg":"RS256","kid":"first"}"#), Some("first"));
        assert_eq!(usual_kid(br#"{"alg":"RS256","kid":""}"#), Some(""));
        for other in [
            &br#"{"alg":"none","kid":"first"}"#[..],
            br#"{"alg":"RS256","kid":"first"} "#,
            br#"{"alg":"RS256","kid":"first","crit":["kid"]}"#,
            br#"{"alg":"RS256","kid":"fi\u0072st"}"#,
            b"{\"alg\":\"RS256\",\"kid\":\"\n\"}",
            b"{\"alg\":\"RS256\",\"kid\":\"\xff\"}",
        ] {
            assert_eq!(usual_kid(other), None, "{}", other.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn no_parser_reads_the_usual_header_otherwise(kid in r#"[ -~"\\\\,:{}]{0,12}|\PC{0,6}"#) {
            let header = format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#);
            if let Some(usual) = usual_kid(header.as_bytes()) {
                prop_assert_eq!(checked_kid(header.as_bytes(), &[]).unwrap(), Some(usual.to_owned()));
            }
        }
    }
}
