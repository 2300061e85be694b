//! What the browser comes back with (RFC 6749 section 4.1.2, RFC 9207).

use std::{borrow::Cow, time::Duration};

use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use super::pending_login::PendingLogin;
use crate::{
    base::{ascii::is_visible_ascii, secret::Secret, time::UnixTime},
    error::callback::{CallbackError, CallbackFault},
    provider::metadata::Metadata,
};

/// How long a login may take, from the authorization URL to the callback.
const LONGEST_LOGIN: Duration = Duration::from_secs(60 * 60);
/// The longest callback that is read, in bytes.
const LONGEST_CALLBACK: usize = 64 * 1024;

/// A callback that answers the login at hand with a code.
#[derive(Debug)]
pub(crate) struct Callback {
    code: Secret,
    names_issuer: bool,
    /// The user copied the code alone: there is no query that could name the issuer.
    is_bare: bool,
}

/// The parameters of the protocol. A redirect URI may have others of its own.
#[derive(Default)]
struct Parameters<'a> {
    code: Option<Cow<'a, str>>,
    state: Option<Cow<'a, str>>,
    iss: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    error_uri: Option<Cow<'a, str>>,
    error_description: Option<String>,
}

impl Callback {
    /// Checks the callback, given as the whole URL or as its query.
    pub(crate) fn check(
        callback: &str,
        pending: &PendingLogin,
        now: UnixTime,
        leeway: Duration,
    ) -> Result<Self, CallbackError> {
        check_age(pending, now, leeway)?;
        let parameters = Parameters::read(query(callback)?)?;
        let state = parameters.state.ok_or(CallbackFault::MissingState)?;
        if !bool::from(state.as_bytes().ct_eq(pending.state.expose().as_bytes())) {
            return Err(CallbackFault::WrongState.into());
        }
        // Who sent an error matters as much as who sent a code (RFC 9207 section 2.4).
        if parameters.iss.as_ref().is_some_and(|issuer| *issuer != pending.issuer) {
            return Err(CallbackFault::WrongIssuer.into());
        }
        if let Some(error) = parameters.error {
            let description = parameters.error_description;
            return Err(CallbackError::Denied { error: error.into_owned(), description });
        }
        let code = parameters.code.filter(|code| !code.is_empty());
        let code = code.ok_or(CallbackFault::MissingCode)?;
        if !is_visible_ascii(&code) {
            return Err(CallbackFault::Malformed.into());
        }
        Ok(Self {
            code: Secret::from(code.as_ref()),
            names_issuer: parameters.iss.is_some(),
            is_bare: false,
        })
    }

    /// Checks a code that came alone. Nonce and verifier protect it in place of the state.
    pub(crate) fn check_code(
        code: Secret,
        pending: &PendingLogin,
        now: UnixTime,
        leeway: Duration,
    ) -> Result<Self, CallbackError> {
        check_age(pending, now, leeway)?;
        if !is_visible_ascii(code.expose()) {
            return Err(CallbackFault::Malformed.into());
        }
        Ok(Self { code, names_issuer: false, is_bare: true })
    }

    /// Checks that login and metadata are of one issuer, and returns the code.
    pub(crate) fn check_issuer(
        self,
        pending: &PendingLogin,
        metadata: &Metadata,
    ) -> Result<Secret, CallbackFault> {
        if pending.issuer != metadata.issuer {
            return Err(CallbackFault::WrongIssuer);
        }
        if metadata.announces_iss && !self.names_issuer && !self.is_bare {
            return Err(CallbackFault::MissingIssuer);
        }
        Ok(self.code)
    }
}

impl<'a> Parameters<'a> {
    fn read(query: &'a str) -> Result<Self, CallbackFault> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (name, slot) = match name.as_ref() {
                "code" => ("code", &mut parameters.code),
                "state" => ("state", &mut parameters.state),
                "iss" => ("iss", &mut parameters.iss),
                "error" => ("error", &mut parameters.error),
                "error_uri" => ("error_uri", &mut parameters.error_uri),
                // Fief sends it one character a parameter.
                "error_description" => {
                    parameters.error_description.get_or_insert_default().push_str(&value);
                    continue;
                }
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(CallbackFault::RepeatedParameter(name));
            }
        }
        Ok(parameters)
    }
}

/// Refuses a login that was begun too long ago. `leeway` is for the clocks of two machines that
/// share the work.
fn check_age(pending: &PendingLogin, now: UnixTime, leeway: Duration) -> Result<(), CallbackFault> {
    let begun = pending.created_at;
    let is_ahead = begun > now && begun.is_within(leeway, now);
    if is_ahead || now.is_within(LONGEST_LOGIN + Duration::from_secs(1), begun) {
        return Ok(());
    }
    Err(CallbackFault::ExpiredLogin)
}

/// The query of a callback, which is a URL, a path with a query, or the query alone.
fn query(callback: &str) -> Result<&str, CallbackFault> {
    if callback.len() > LONGEST_CALLBACK {
        return Err(CallbackFault::Malformed);
    }
    let callback = callback.trim();
    let callback = callback.split_once('#').map_or(callback, |(before, _)| before);
    // What has neither `:` nor `/` nor `?` before its first `=` is a query alone.
    let head = callback.split('=').next().unwrap_or_default();
    if head.contains([':', '/', '?']) {
        Ok(callback.split_once('?').map_or("", |(_, query)| query))
    } else {
        Ok(callback)
    }
}
