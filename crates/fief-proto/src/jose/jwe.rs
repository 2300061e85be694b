//! Encrypted tokens (RFC 7516): RSA-OAEP-256 around one of four content encryptions.

use std::fmt;

use serde_json::Value;

use super::{
    LONGEST_ID_TOKEN, Parts,
    crypto::{
        RsaPrivateKey,
        content::{ContentEncryption, Sealed},
    },
    decode, header, header_fault, refuse_extensions,
};
use crate::{
    base::{
        json::{Object, is_finite, is_same},
        secret::Secret,
    },
    config::settings::Settings,
    error::token_fault::TokenFault,
};

/// The registered members of a JWE header (RFC 7516 section 4.1): no claims, whatever they are
/// called inside.
const HEADER_MEMBERS: [&str; 13] =
    ["alg", "apu", "apv", "cty", "enc", "epk", "jku", "jwk", "kid", "typ", "x5c", "x5t", "x5u"];

/// What was inside, and the claims that the header repeats.
pub(crate) struct Opened {
    pub plaintext: Secret,
    repeated_claims: Vec<(String, Value)>,
}

/// Decrypts a token. It does not say which step of the decryption failed: that would help to break
/// the encryption.
pub(crate) fn open(
    token: &str,
    key: &RsaPrivateKey,
    settings: &Settings,
) -> Result<Opened, TokenFault> {
    let [protected, wrapped_key, iv, ciphertext, tag] = match Parts::of(token, LONGEST_ID_TOKEN)? {
        Parts::Encrypted(parts) => parts,
        Parts::Signed(_) => return Err(TokenFault::NotEncrypted),
    };
    let json = decode(protected, settings)?;
    let header = header(&json)?;
    let string = |name| header.string(name).map_err(header_fault);
    let algorithm = string("alg")?;
    if algorithm.as_deref() != Some("RSA-OAEP-256") {
        return Err(TokenFault::unsupported_algorithm(algorithm.as_deref()));
    }
    let name = string("enc")?;
    let Some(encryption) = name.as_deref().and_then(ContentEncryption::from_name) else {
        return Err(TokenFault::unsupported_encryption(name.as_deref()));
    };
    refuse_extensions(&header)?;
    if string("typ")?.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
        return Err(TokenFault::UnsupportedType);
    }
    let repeated_claims = repeated_claims(&header)?;

    let (iv, ciphertext, tag) =
        (decode(iv, settings)?, decode(ciphertext, settings)?, decode(tag, settings)?);
    let sealed = Sealed { iv: &iv, ciphertext: &ciphertext, tag: &tag, aad: protected.as_bytes() };
    let plaintext = key
        .unwrap_oaep_256(&decode(wrapped_key, settings)?)
        .and_then(|content_key| encryption.open(&content_key, &sealed))
        .ok_or(TokenFault::DecryptionFailed)?;
    // What was encrypted for us and is no string is no token either.
    let plaintext = plaintext.into_secret().ok_or(TokenFault::NotAscii)?;
    if matches!(Parts::of(plaintext.expose(), LONGEST_ID_TOKEN), Ok(Parts::Encrypted(_))) {
        return Err(TokenFault::EncryptedTwice);
    }
    Ok(Opened { plaintext, repeated_claims })
}

fn repeated_claims(header: &Object<'_>) -> Result<Vec<(String, Value)>, TokenFault> {
    header
        .members()
        .filter(|(name, _)| !HEADER_MEMBERS.contains(name) && !name.starts_with("x5t#"))
        .map(|(name, value)| {
            let value = serde_json::from_str(value.get()).ok().filter(is_finite);
            Ok((name.to_owned(), value.ok_or(TokenFault::HeaderClaimMismatch)?))
        })
        .collect()
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

impl Opened {
    /// Claims that the header repeats must be those inside (RFC 7519 section 5.3).
    pub(crate) fn check_repeated(&self, claims: &Object<'_>) -> Result<(), TokenFault> {
        let agrees = |(name, value): &(String, Value)| match claims.raw(name) {
            Some(claim) => {
                serde_json::from_str::<Value>(claim.get()).is_ok_and(|claim| is_same(&claim, value))
            }
            // The three that RFC 7519 registers as header members are claims even if missing
            // inside.
            None => !matches!(name.as_str(), "iss" | "sub" | "aud"),
        };
        if self.repeated_claims.iter().all(agrees) {
            Ok(())
        } else {
            Err(TokenFault::HeaderClaimMismatch)
        }
    }
}
