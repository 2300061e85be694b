//! What makes an access token of Fief a good one.

use uuid::Uuid;

use super::{Validity, Verdict, claims::Claims, jws::Jws};
use crate::{
    AccessTokenError, AccessTokenInfo, Acr, Secret, TokenFault, UnixTime, config::Settings,
    jwk::KeySet,
};

/// `typ` of an access token, where it has one (RFC 9068 section 2.1).
pub(crate) const TYPES: &[&str] = &["JWT", "at+jwt"];

pub(crate) fn verify(
    jws: Jws<'_>,
    settings: &Settings,
    issuer: &str,
    keys: &KeySet,
    now: UnixTime,
) -> Result<Verdict<(AccessTokenInfo, Validity)>, AccessTokenError> {
    let token = jws.token();
    match jws.verify(keys)? {
        Verdict::Verified(payload) => Ok(Verdict::Verified(
            check(&payload, token, settings, issuer, now).map_err(AccessTokenError::from)?,
        )),
        Verdict::UnknownKey(fault) => Ok(Verdict::UnknownKey(fault)),
    }
}

fn check(
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
    let subject = claims.required_text("sub")?;
    let scope = claims.required_text("scope")?;
    let info = AccessTokenInfo {
        id: uuid(&subject).ok_or(TokenFault::MalformedClaim("sub"))?,
        scope: scope.split(' ').filter(|token| !token.is_empty()).map(str::to_owned).collect(),
        acr: acr(&claims)?,
        permissions: claims.required("permissions")?,
        access_token: Secret::from(token),
        expires_at: validity.expires_at(),
    };
    Ok((info, validity))
}

fn check_audience(claims: &Claims<'_>, settings: &Settings) -> Result<(), TokenFault> {
    let audience = claims.audience()?;
    let party = claims.text("azp")?;
    if settings.any_audience {
        return Ok(());
    }
    if !audience.contains(|client| settings.is_ours(client)) {
        return Err(TokenFault::WrongAudience(audience.into_names()));
    }
    match party {
        Some(party) if !settings.is_ours(&party) => {
            Err(TokenFault::WrongAuthorizedParty(party.0.into_owned()))
        }
        _ => Ok(()),
    }
}

/// Only the form with hyphens, which is the one that Fief writes.
fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// Servers before ACR state none.
pub(super) fn acr(claims: &Claims<'_>) -> Result<Option<Acr>, TokenFault> {
    claims
        .text("acr")?
        .map(|level| Acr::from_claim(&level).ok_or(TokenFault::UnknownAcr))
        .transpose()
}
