//! What the token endpoint answers with (RFC 6749 section 5.1).

use serde::{Deserialize, Serialize};

use crate::{
    Endpoint, Error, ResponseError, Secret, UnixTime,
    ascii::is_visible_ascii,
    error::ResponseFault,
    json::{JsonError, Object},
};

/// The tokens of a user who has signed in, in the names of the official Python client.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tokens {
    /// Opens Fief's user API and your own.
    pub access_token: Secret,
    /// The user's claims, signed. It was checked when it came.
    pub id_token: Secret,
    /// `bearer`.
    pub token_type: String,
    /// The lifetime of the access token, in seconds from when it was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// When the access token expires, counted from when it was asked for: never too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixTime>,
    /// Brings new tokens, once. Comes with the scope `offline_access` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
}

/// The answer of the token endpoint, before the ID token was checked.
#[derive(Debug)]
pub(crate) struct TokenAnswer {
    pub access_token: Secret,
    pub id_token: Secret,
    token_type: String,
    expires_in: Option<u64>,
    refresh_token: Option<Secret>,
}

impl TokenAnswer {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Error> {
        Self::read(body)
            .map_err(|error| ResponseError::new(Endpoint::Token, ResponseFault::Json(error)).into())
    }

    fn read(body: &[u8]) -> Result<Self, JsonError> {
        let object = Object::parse(body)?;
        let token_type: String = object.required("token_type", "a text")?;
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(JsonError::malformed("token_type", "`bearer`"));
        }
        let refresh_token: Option<Option<Secret>> =
            object.optional("refresh_token", "a text or null")?;
        Ok(Self {
            access_token: token("access_token", object.required("access_token", "a text")?)?,
            id_token: token("id_token", object.required("id_token", "a text")?)?,
            token_type,
            expires_in: object.optional("expires_in", "a whole number of seconds")?,
            refresh_token: refresh_token
                .flatten()
                .map(|secret| token("refresh_token", secret))
                .transpose()?,
        })
    }

    pub(crate) fn into_tokens(self, asked_at: UnixTime) -> Tokens {
        Tokens {
            access_token: self.access_token,
            id_token: self.id_token,
            token_type: self.token_type,
            expires_in: self.expires_in,
            expires_at: self.expires_in.map(|seconds| asked_at.plus(seconds)),
            refresh_token: self.refresh_token,
        }
    }
}

fn token(name: &'static str, secret: Secret) -> Result<Secret, JsonError> {
    if is_visible_ascii(secret.expose()) {
        return Ok(secret);
    }
    Err(JsonError::malformed(name, "a text of visible ASCII"))
}
