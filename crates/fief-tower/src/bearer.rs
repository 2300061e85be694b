//! The token in the header `Authorization` (RFC 6750 section 2.1).

use fief_hyper::{AccessTokenError, Error, Secret, TokenFault};
use http::{HeaderMap, header};

use crate::AuthError;

/// The bearer token of a request, if it has one. Another scheme counts as none.
///
/// # Errors
///
/// [`AuthError::InvalidRequest`] if the header is there more than once, and an invalid token if
/// what follows `Bearer` can't be a token.
pub fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, AuthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(AuthError::InvalidRequest("the header Authorization is there more than once"));
    }
    let Some((scheme, rest)) = value.as_bytes().split_first_chunk::<6>() else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Ok(None);
    }
    match rest {
        [] => Err(not_a_token()),
        [b' ', ..] => token(rest.trim_ascii()).map(Some),
        _ => Ok(None), // another scheme, whose name begins with that word
    }
}

/// A token as it came, from a header or a cookie.
///
/// # Errors
///
/// An invalid token if it is empty or not UTF-8.
pub fn token(bytes: &[u8]) -> Result<Secret, AuthError> {
    match std::str::from_utf8(bytes) {
        Ok(token) if !token.is_empty() => Ok(Secret::from(token)),
        _ => Err(not_a_token()),
    }
}

fn not_a_token() -> AuthError {
    AuthError::Fief(Error::AccessToken(AccessTokenError::Invalid(TokenFault::NotAscii)))
}
