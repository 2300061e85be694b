//! What makes an ID token valid (OpenID Connect Core 3.1.3.7 and 12.2).

use std::borrow::Cow;

use subtle::ConstantTimeEq as _;

use super::{Claims, acr::Acr, hash::is_valid_hash, user_info::UserInfo};
use crate::{
    base::{json::JsonError, secret::Secret, time::UnixTime},
    config::settings::Settings,
    error::token_fault::TokenFault,
    jose::{
        LONGEST_ID_TOKEN,
        jwe::{self, Opened},
        jwk::KeySet,
        jws::Jws,
    },
};

/// The longest subject, in characters (OpenID Connect Core section 2).
const LONGEST_SUBJECT: usize = 255;

/// What a token must match.
#[derive(Default)]
pub(crate) struct Expected<'a> {
    pub issuer: &'a str,
    /// The counterpart of `at_hash`.
    pub access_token: Option<&'a Secret>,
    /// The counterpart of `c_hash`.
    pub code: Option<&'a Secret>,
    /// Whether a hash whose counterpart is not at hand is ignored. Else it is refused.
    pub may_lack_counterparts: bool,
    pub nonce: Option<&'a Secret>,
    pub max_age: Option<u64>,
    pub acr: Option<Acr>,
    /// The user before a refresh.
    pub previous: Option<&'a UserInfo>,
}

/// What a stored ID token must match, for
/// [`Client::validate_id_token`](crate::Client::validate_id_token). What is not set is not checked.
///
/// ```
/// use fief_proto::IdTokenChecks;
///
/// let checks = IdTokenChecks::none().nonce("NONCE").max_age(3600);
/// # let _ = checks;
/// ```
#[derive(Clone, Debug)]
#[must_use = "checks do nothing until they are passed on"]
pub struct IdTokenChecks {
    access_token: Option<Secret>,
    nonce: Option<Secret>,
    max_age: Option<u64>,
    acr: Option<Acr>,
}

impl IdTokenChecks {
    /// Only the checks that every ID token of this client must pass.
    pub const fn none() -> Self {
        Self { access_token: None, nonce: None, max_age: None, acr: None }
    }

    /// The access token that came with it, for `at_hash` (OpenID Connect Core 3.1.3.6).
    pub fn access_token(mut self, token: impl Into<Secret>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// The nonce that was sent.
    pub fn nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// How long ago, in seconds, the user may have authenticated at most.
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// The least level of authentication that the token must state.
    pub fn acr(mut self, level: Acr) -> Self {
        self.acr = Some(level);
        self
    }

    pub(crate) fn expected(&self) -> Expected<'_> {
        Expected {
            access_token: self.access_token.as_ref(),
            may_lack_counterparts: true,
            nonce: self.nonce.as_ref(),
            max_age: self.max_age,
            acr: self.acr,
            ..Expected::default()
        }
    }
}

/// An ID token that was opened and read, and whose signature was not checked yet. The token itself
/// stays with its owner.
#[derive(Debug)]
pub(crate) struct IdToken {
    opened: Option<Opened>,
    jws: Jws,
}

impl IdToken {
    pub(crate) fn read(token: &str, settings: &Settings) -> Result<Self, TokenFault> {
        let key = settings.decryption_key.as_ref();
        let opened = key.map(|key| jwe::open(token, key, settings)).transpose()?;
        let signed = opened.as_ref().map_or(token, |opened| opened.plaintext.expose());
        let jws =
            Jws::parse(signed, LONGEST_ID_TOKEN, &["JWT"], settings).map_err(
                |fault| match fault {
                    TokenFault::NotCompact { .. } if opened.is_some() => TokenFault::NoTokenInside,
                    fault => fault,
                },
            )?;
        Ok(Self { opened, jws })
    }

    /// Checks the token that this was read from. The times come last: if they are the only fault,
    /// the clocks may disagree.
    pub(crate) fn verify(
        &self,
        token: &str,
        settings: &Settings,
        keys: &KeySet,
        now: UnixTime,
        expected: &Expected<'_>,
    ) -> Result<UserInfo, TokenFault> {
        let signed = self.opened.as_ref().map_or(token, |opened| opened.plaintext.expose());
        let claims = Claims::parse(self.jws.verify(signed, keys)?)?;
        if let Some(opened) = &self.opened {
            opened.check_repeated(claims.object())?;
        }
        check(&claims, settings, now, expected)?;
        let user = UserInfo::from_object(claims.object()).map_err(user_fault)?;
        claims.validity()?.check(settings.leeway, now)?;
        Ok(user)
    }
}

impl Drop for IdToken {
    /// Wipes the claims, which are personal data.
    fn drop(&mut self) {
        self.jws.wipe();
    }
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
    claims.validity()?;
    if !claims.object().has("iat") {
        return Err(TokenFault::MissingClaim("iat"));
    }
    let subject = claims.required_string("sub")?;
    if subject.is_empty() || subject.chars().count() > LONGEST_SUBJECT {
        return Err(TokenFault::MalformedClaim("sub"));
    }
    check_hash(claims, "at_hash", expected.access_token, expected)?;
    check_hash(claims, "c_hash", expected.code, expected)?;
    check_asked(claims, expected, settings, now)?;
    match expected.previous {
        Some(previous) => check_unchanged(claims, previous),
        None => Ok(()),
    }
}

fn check_audience(claims: &Claims<'_>, settings: &Settings) -> Result<(), TokenFault> {
    let audience = claims.audience()?;
    if !audience.contains(|client| client == settings.client_id) {
        return Err(TokenFault::WrongAudience(audience.into_names()));
    }
    if let Some(other) = audience.0.iter().find(|client| !settings.is_ours(client)) {
        return Err(TokenFault::UntrustedAudience(other.to_string()));
    }
    match claims.string("azp")? {
        Some(party) if *party != settings.client_id => {
            Err(TokenFault::WrongAuthorizedParty(party.into_owned()))
        }
        _ => Ok(()),
    }
}

fn check_hash(
    claims: &Claims<'_>,
    name: &'static str,
    counterpart: Option<&Secret>,
    expected: &Expected<'_>,
) -> Result<(), TokenFault> {
    let Some(hash) = claims.string(name)? else {
        return Ok(());
    };
    match counterpart {
        Some(value) if is_valid_hash(value.expose(), &hash) => Ok(()),
        None if expected.may_lack_counterparts => Ok(()),
        _ => Err(TokenFault::WrongHash(name)),
    }
}

/// What the authorization request asked for; an unasked nonce is ignored.
fn check_asked(
    claims: &Claims<'_>,
    asked: &Expected<'_>,
    settings: &Settings,
    now: UnixTime,
) -> Result<(), TokenFault> {
    let nonce = claims.string("nonce")?;
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
        // A negative age is a matter of clocks that disagree.
        if age > max_age + leeway || age < -leeway {
            return Err(TokenFault::AuthenticationTooOld);
        }
    }
    let found = claims.acr()?;
    match asked.acr {
        Some(required) if found < Some(required) => Err(TokenFault::AcrTooLow { required, found }),
        _ => Ok(()),
    }
}

/// After a refresh, the token is of the same user, issuer and audience as before (12.2).
fn check_unchanged(claims: &Claims<'_>, previous: &UserInfo) -> Result<(), TokenFault> {
    let string = |name| previous.rest.get(name).and_then(serde_json::Value::as_str);
    if string("iss").is_some_and(|issuer| claims.check_issuer(issuer).is_err()) {
        return Err(TokenFault::IssuerChanged);
    }
    if *claims.required_string("sub")? != *previous.sub {
        return Err(TokenFault::SubjectChanged);
    }
    if let Some(mut before) = previous.audience() {
        let mut now = claims.audience()?.into_names();
        now.sort_unstable();
        before.sort_unstable();
        if now != before {
            return Err(TokenFault::AudienceChanged);
        }
    }
    Ok(())
}
