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
        let json = decode(protected, settings)?;
        let header = header(&json)?;
        let text = |name| header.text(name).map_err(header_fault);
        if text("alg")?.as_deref() != Some("RS256") {
            return Err(TokenFault::UnsupportedAlgorithm);
        }
        refuse_extensions(&header)?;
        if text("typ")?
            .is_some_and(|typ| !types.iter().any(|known| typ.eq_ignore_ascii_case(known)))
        {
            return Err(TokenFault::UnsupportedType);
        }
        Ok(Self {
            kid: text("kid")?.map(|Text(kid)| kid.into_owned()),
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
