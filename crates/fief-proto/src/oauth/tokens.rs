//! What the token endpoint answers with (RFC 6749 section 5.1).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        ascii::is_visible_ascii,
        json::{JsonError, Object},
        secret::{Secret, wipe},
        time::UnixTime,
    },
    error::{
        Error,
        refusal::Refusal,
        response::{ResponseError, ResponseFault},
    },
    http::{
        endpoint::Endpoint,
        response::{self, Response},
    },
};

/// The tokens of a user who has signed in, in the names of the official Python client.
///
/// ```
/// use fief_proto::Tokens;
///
/// let saved = r#"{"access_token": "eyJ", "id_token": "eyJ", "token_type": "bearer"}"#;
/// let tokens: Tokens = serde_json::from_str(saved)?;
/// assert_eq!(tokens.access_token.expose(), "eyJ");
/// assert!(!format!("{tokens:?}").contains("eyJ"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tokens {
    /// For calls to Fief's user API and to your own API.
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
    /// To be exchanged, once, for new tokens. Fief sends it with the scope `offline_access` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
}

impl Tokens {
    /// Tokens without a lifetime and a refresh token: for tests of code that uses them. Set the
    /// members that matter.
    pub fn new(access_token: impl Into<Secret>, id_token: impl Into<Secret>) -> Self {
        Self {
            access_token: access_token.into(),
            id_token: id_token.into(),
            token_type: "bearer".to_owned(),
            expires_in: None,
            expires_at: None,
            refresh_token: None,
        }
    }

    /// Whether it is time to refresh: the access token expires within this margin, or has expired.
    /// Tokens that do not say when they expire never are.
    pub fn is_due(&self, now: UnixTime, margin: Duration) -> bool {
        self.expires_at.is_some_and(|expires_at| {
            let left = expires_at.as_secs().saturating_sub(now.as_secs());
            u64::try_from(left).is_ok_and(|left| Duration::from_secs(left) <= margin) || left < 0
        })
    }

    /// Reads the answer of the token endpoint to a request that was handed out at `asked_at`: the
    /// lifetime is counted from there, so that no token counts as fresh for longer than it is.
    pub(crate) fn read(response: Response, asked_at: UnixTime) -> Result<Self, Error> {
        let status = response.status();
        let body = response::body(Endpoint::Token, response)?;
        Object::parse(&body).and_then(|object| Self::from_object(&object, asked_at)).map_err(
            |error| {
                // Some gateways send an error with the status of a success.
                let mut answer = Response::new(body.to_vec());
                *answer.status_mut() = status;
                let refusal = Refusal::read(Endpoint::Token, &answer);
                wipe(answer.body_mut());
                if refusal.oauth_error().is_some() {
                    return refusal.into();
                }
                ResponseError::new(Endpoint::Token, ResponseFault::Json(error)).into()
            },
        )
    }

    fn from_object(object: &Object<'_>, asked_at: UnixTime) -> Result<Self, JsonError> {
        let token_type: String = object.required("token_type", "a string")?;
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(JsonError::malformed("token_type", "`bearer`"));
        }
        let refresh_token: Option<Option<Secret>> =
            object.optional("refresh_token", "a string or null")?;
        let expires_in: Option<u64> = object.optional("expires_in", "a whole number of seconds")?;
        Ok(Self {
            access_token: token("access_token", object.required("access_token", "a string")?)?,
            id_token: token("id_token", object.required("id_token", "a string")?)?,
            token_type,
            expires_in,
            expires_at: expires_in.map(|seconds| asked_at.plus(seconds)),
            refresh_token: refresh_token
                .flatten()
                .map(|secret| token("refresh_token", secret))
                .transpose()?,
        })
    }
}

fn token(name: &'static str, secret: Secret) -> Result<Secret, JsonError> {
    if is_visible_ascii(secret.expose()) {
        return Ok(secret);
    }
    Err(JsonError::malformed(name, "a string of visible ASCII"))
}
