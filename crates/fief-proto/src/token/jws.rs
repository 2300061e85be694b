//! Signed tokens (RFC 7515), compact and RS256 only.

use super::{Parts, Verdict, decode, header, header_fault, refuse_extensions};
use crate::{TokenFault, config::Settings, json::Text, jwk::KeySet};

/// A signed token whose header was read and whose signature was not checked yet.
pub(crate) struct Jws<'a> {
    kid: Option<String>,
    token: &'a str,
    signing_input: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Reads the outside of a token. `types` are the values of `typ` that it may have.
    pub(crate) fn parse(
        token: &'a str,
        types: &[&str],
        settings: &Settings,
    ) -> Result<Self, TokenFault> {
        let [protected, payload, signature] = match Parts::of(token)? {
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
            token,
            signing_input: token
                .get(..protected.len() + 1 + payload.len())
                .ok_or(TokenFault::NotCompact)?,
            payload: decode(payload, settings)?,
            signature: decode(signature, settings)?,
        })
    }

    pub(crate) fn token(&self) -> &'a str {
        self.token
    }

    /// Checks the signature by the keys that may have made it, and gives the payload.
    pub(crate) fn verify(self, keys: &KeySet) -> Result<Verdict<Vec<u8>>, TokenFault> {
        let mut candidates = keys.candidates(self.kid.as_deref()).peekable();
        if candidates.peek().is_none() {
            return Ok(Verdict::UnknownKey(TokenFault::UnknownKey));
        }
        if candidates.any(|key| key.verify(self.signing_input.as_bytes(), &self.signature)) {
            Ok(Verdict::Verified(self.payload))
        } else {
            Err(TokenFault::BadSignature)
        }
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

/// The `kid` of any header that may be taken.
fn checked_kid(json: &[u8], types: &[&str]) -> Result<Option<String>, TokenFault> {
    let header = header(json)?;
    let text = |name| header.text(name).map_err(header_fault);
    if text("alg")?.as_deref() != Some("RS256") {
        return Err(TokenFault::UnsupportedAlgorithm);
    }
    refuse_extensions(&header)?;
    if text("typ")?.is_some_and(|typ| !types.iter().any(|known| typ.eq_ignore_ascii_case(known))) {
        return Err(TokenFault::UnsupportedType);
    }
    Ok(text("kid")?.map(|Text(kid)| kid.into_owned()))
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
