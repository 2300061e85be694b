//! What makes an ID token a good one (OpenID Connect Core 3.1.3.7 and 12.2).

use std::borrow::Cow;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{Verdict, access_token::acr, claims::Claims, jwe, jws::Jws};
use crate::{
    Error, IdTokenError, Secret, TokenFault, UnixTime, UserInfo,
    config::Settings,
    hash::is_valid_hash,
    json::JsonError,
    jwk::KeySet,
    parameters::{Asked, Grant},
};

/// The longest subject, in characters (OpenID Connect Core section 2).
const LONGEST_SUBJECT: usize = 255;

/// What the token has to fit to.
pub(crate) struct Expected<'a> {
    pub issuer: &'a str,
    pub access_token: &'a Secret,
    pub grant: &'a Grant,
}

pub(crate) fn verify(
    token: &Secret,
    settings: &Settings,
    keys: &KeySet,
    now: UnixTime,
    expected: &Expected<'_>,
) -> Result<Verdict<UserInfo>, Error> {
    verify_token(token.expose(), settings, keys, now, expected)
        .map_err(|fault| IdTokenError::from(fault).into())
}

fn verify_token(
    token: &str,
    settings: &Settings,
    keys: &KeySet,
    now: UnixTime,
    expected: &Expected<'_>,
) -> Result<Verdict<UserInfo>, TokenFault> {
    let opened =
        settings.decryption_key.as_ref().map(|key| jwe::open(token, key, settings)).transpose()?;
    let token = opened.as_ref().map_or(token, |opened| opened.plaintext.as_str());
    let payload = match Jws::parse(token, &["JWT"], settings)?.verify(keys)? {
        Verdict::Verified(payload) => Zeroizing::new(payload),
        Verdict::UnknownKey(fault) => return Ok(Verdict::UnknownKey(fault)),
    };
    let claims = Claims::parse(&payload)?;
    if let Some(opened) = &opened {
        opened.check_repeated(claims.object())?;
    }
    check(&claims, settings, now, expected)?;
    UserInfo::from_object(claims.object()).map(Verdict::Verified).map_err(user_fault)
}

/// A user claim of the wrong type is named as any other claim is.
fn user_fault(error: JsonError) -> TokenFault {
    match error {
        JsonError::Malformed { path: Cow::Borrowed(name), .. } => TokenFault::MalformedClaim(name),
        error => TokenFault::ClaimsMalformed(error),
    }
}

fn check(
    claims: &Claims<'_>,
    settings: &Settings,
    now: UnixTime,
    expected: &Expected<'_>,
) -> Result<(), TokenFault> {
    if claims.has_any(&["scope", "permissions"]) {
        return Err(TokenFault::WrongTokenKind);
    }
    claims.check_issuer(expected.issuer)?;
    check_audience(claims, settings)?;
    claims.validity()?.check(settings.leeway, now)?;
    if !claims.object().has("iat") {
        return Err(TokenFault::MissingClaim("iat"));
    }
    let subject = claims.required_text("sub")?;
    if subject.is_empty() || subject.chars().count() > LONGEST_SUBJECT {
        return Err(TokenFault::MalformedClaim("sub"));
    }
    check_hash(claims, "at_hash", Some(expected.access_token))?;
    check_hash(claims, "c_hash", expected.grant.code())?;
    check_asked(claims, &expected.grant.asked(), settings, now)?;
    check_unchanged(claims, expected.grant)
}

fn check_audience(claims: &Claims<'_>, settings: &Settings) -> Result<(), TokenFault> {
    let audience = claims.audience()?;
    if !audience.contains(|client| client == settings.client_id) {
        return Err(TokenFault::WrongAudience(audience.into_names()));
    }
    if let Some(stranger) = audience.0.iter().find(|client| !settings.is_ours(client)) {
        return Err(TokenFault::UntrustedAudience(stranger.to_string()));
    }
    match claims.text("azp")? {
        Some(party) if *party != settings.client_id => {
            Err(TokenFault::WrongAuthorizedParty(party.0.into_owned()))
        }
        _ => Ok(()),
    }
}

fn check_hash(
    claims: &Claims<'_>,
    name: &'static str,
    counterpart: Option<&Secret>,
) -> Result<(), TokenFault> {
    let Some(hash) = claims.text(name)? else {
        return Ok(());
    };
    match counterpart {
        Some(value) if is_valid_hash(value.expose(), &hash) => Ok(()),
        _ => Err(TokenFault::WrongHash(name)),
    }
}

/// What the authorization request asked for; an unasked nonce is ignored.
fn check_asked(
    claims: &Claims<'_>,
    asked: &Asked<'_>,
    settings: &Settings,
    now: UnixTime,
) -> Result<(), TokenFault> {
    let nonce = claims.text("nonce")?;
    if let Some(wanted) = asked.nonce {
        let found = nonce.ok_or(TokenFault::MissingClaim("nonce"))?;
        if !bool::from(found.as_bytes().ct_eq(wanted.expose().as_bytes())) {
            return Err(TokenFault::WrongNonce);
        }
    }
    let authenticated_at: Option<f64> = claims.optional("auth_time")?;
    if let Some(max_age) = asked.max_age {
        let then = authenticated_at.ok_or(TokenFault::MissingClaim("auth_time"))?;
        #[expect(clippy::cast_precision_loss, reason = "an age in seconds")]
        let max_age = max_age as f64;
        let (age, leeway) = (now.as_f64() - then, settings.leeway.as_secs_f64());
        // An age that is negative says nothing good about anybody's clock.
        if age > max_age + leeway || age < -leeway {
            return Err(TokenFault::AuthenticationTooOld);
        }
    }
    let level = acr(claims)?;
    if asked.acr.is_some_and(|wanted| level < Some(wanted)) {
        return Err(TokenFault::AcrTooLow);
    }
    Ok(())
}

/// After a refresh, the token is of the same user, issuer and audience as before (12.2).
fn check_unchanged(claims: &Claims<'_>, grant: &Grant) -> Result<(), TokenFault> {
    let Some(previous) = grant.previous() else {
        return Ok(());
    };
    let text = |name| previous.rest.get(name).and_then(serde_json::Value::as_str);
    if text("iss").is_some_and(|issuer| claims.check_issuer(issuer).is_err()) {
        return Err(TokenFault::IssuerChanged);
    }
    if *claims.required_text("sub")? != *previous.sub {
        return Err(TokenFault::SubjectChanged);
    }
    if let Some(before) = previous.audience() {
        let mut now = claims.audience()?.into_names();
        let mut before = before;
        now.sort_unstable();
        before.sort_unstable();
        if now != before {
            return Err(TokenFault::AudienceChanged);
        }
    }
    Ok(())
}
