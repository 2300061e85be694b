//! What makes an access token of Fief valid, and what it then says.

use serde::Serialize;
use uuid::Uuid;

use super::{Claims, acr::Acr, validity::Validity};
use crate::{
    base::{secret::Secret, time::UnixTime},
    config::settings::Settings,
    error::token_fault::TokenFault,
};

/// `typ` of an access token, where it has one (RFC 9068 section 2.1).
pub(crate) const TYPES: &[&str] = &["JWT", "at+jwt"];

/// The content of an access token that was found valid.
///
/// It serialises in the names of the official Python client, without the token, so that an API may
/// answer with it; [`including_token`](Self::including_token) is for storing it whole. It can't be
/// deserialised: only a validation makes one, or [`new`](Self::new) in a test.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct AccessTokenInfo {
    /// The user's ID, the claim `sub`.
    pub id: Uuid,
    /// The scopes that were granted.
    pub scope: Vec<String>,
    /// How the user authenticated; none from servers before ACR.
    pub acr: Option<Acr>,
    /// The permissions that the user has.
    pub permissions: Vec<String>,
    /// The token itself, for calls to Fief in the user's name.
    #[serde(skip)]
    pub access_token: Secret,
    /// When it expires, without the leeway.
    pub expires_at: UnixTime,
}

impl AccessTokenInfo {
    /// The content of a token of this user that was granted nothing: for tests of code that has
    /// such an argument. Set the members that matter.
    ///
    /// ```
    /// use fief_proto::{AccessTokenInfo, UnixTime};
    /// use uuid::Uuid;
    ///
    /// let mut info = AccessTokenInfo::new(Uuid::nil(), "ACCESS_TOKEN", UnixTime::from_secs(0));
    /// info.permissions.push("castles:read".to_owned());
    /// ```
    pub fn new(id: Uuid, access_token: impl Into<Secret>, expires_at: UnixTime) -> Self {
        Self {
            id,
            scope: Vec::new(),
            acr: None,
            permissions: Vec::new(),
            access_token: access_token.into(),
            expires_at,
        }
    }

    /// The same with the token, to be serialised: for a store that is kept secret. An answer of an
    /// API must not hold it.
    pub fn including_token(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct IncludingToken<'a> {
            #[serde(flatten)]
            info: &'a AccessTokenInfo,
            access_token: &'a Secret,
        }
        IncludingToken { info: self, access_token: &self.access_token }
    }
}

/// Checks the claims of a token whose signature was checked.
pub(crate) fn check(
    payload: &[u8],
    token: &str,
    settings: &Settings,
    issuer: &str,
    now: UnixTime,
) -> Result<(AccessTokenInfo, Validity), TokenFault> {
    let claims = Claims::parse(payload)?;
    if claims.has_any(&["at_hash", "c_hash", "nonce"]) {
        return Err(TokenFault::WrongTokenKind);
    }
    claims.check_issuer(issuer)?;
    check_audience(&claims, settings)?;
    let validity = claims.validity()?;
    validity.check(settings.leeway, now)?;
    let subject = claims.required_string("sub")?;
    let scope = claims.required_string("scope")?;
    let info = AccessTokenInfo {
        id: uuid(&subject).ok_or(TokenFault::MalformedClaim("sub"))?,
        scope: scope.split(' ').filter(|token| !token.is_empty()).map(str::to_owned).collect(),
        acr: claims.acr()?,
        permissions: claims.required("permissions")?,
        access_token: Secret::from(token),
        expires_at: validity.expires_at(),
    };
    Ok((info, validity))
}

fn check_audience(claims: &Claims<'_>, settings: &Settings) -> Result<(), TokenFault> {
    let audience = claims.audience()?;
    let party = claims.string("azp")?;
    if settings.any_audience {
        return Ok(());
    }
    if !audience.contains(|client| settings.is_ours(client)) {
        return Err(TokenFault::WrongAudience(audience.into_names()));
    }
    match party {
        Some(party) if !settings.is_ours(&party) => {
            Err(TokenFault::WrongAuthorizedParty(party.into_owned()))
        }
        _ => Ok(()),
    }
}

/// Only the form with hyphens, which is the one that Fief writes.
fn uuid(string: &str) -> Option<Uuid> {
    (string.len() == 36).then(|| Uuid::try_parse(string).ok()).flatten()
}
