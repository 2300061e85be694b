//! Why a request is refused, and what its sender may know.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use fief_hyper::{
    AccessTokenError, Acr, CallbackError, Detail, Endpoint, Error, Report, TokenFault,
};
use http::{HeaderValue, StatusCode};
use tracing::{debug, error, warn};

/// How long a client is asked to wait while Fief or a store is down and does not say for how long.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// The longest wait that is passed on from Fief.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// Why a request is refused.
///
/// Everything that its sender may know is in [`status`](Self::status), [`code`](Self::code),
/// [`description`](Self::description), [`challenge`](Self::challenge) and
/// [`retry_after`](Self::retry_after): make an answer of your own from these. `Display` is for the
/// log: it also says why a token is invalid.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthError {
    /// Another site made a browser send this request, with the credentials of its user: 403.
    CrossSite,
    /// The token, or Fief: 401 and 403 where the token is at fault, 503 where Fief can't be
    /// reached, 502 where its answer can't be used.
    Fief(Error),
    /// The request can't be read: 400.
    InvalidRequest(&'static str),
    /// There is no token, or no session any more: 401.
    NoToken,
    /// A part of this program's configuration is missing or wrong: 500.
    Setup(&'static str),
    /// The store of the sessions can't be reached or used: 503.
    Store(Arc<dyn StdError + Send + Sync>),
}

/// The answer: status, code, and a sentence that reveals nothing of the check.
struct Described(StatusCode, Option<&'static str>, Cow<'static, str>);

impl AuthError {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.described().0
    }

    /// The `error` code (RFC 6750 section 3.1, RFC 9470 section 3, RFC 6749 section 4.1.2.1); none
    /// where no token came.
    pub fn code(&self) -> Option<&'static str> {
        self.described().1
    }

    /// A sentence for the sender: it names what is missing, and does not say why a token is
    /// invalid.
    pub fn description(&self) -> Cow<'static, str> {
        self.described().2
    }

    /// The level that is required, where the token's is too low: as required here, or by Fief
    /// itself.
    pub fn required_acr(&self) -> Option<Acr> {
        match self {
            Self::Fief(Error::AccessToken(AccessTokenError::AcrTooLow { required, .. })) => {
                Some(*required)
            }
            Self::Fief(Error::Refused(refusal)) => match refusal.detail() {
                Some(Detail::Code(code)) if code == "ACR_TOO_LOW" => Some(Acr::LevelOne),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the request counts as one without a user: there is no token, or no valid one.
    pub fn is_anonymous(&self) -> bool {
        self.status() == StatusCode::UNAUTHORIZED
    }

    /// How long to wait before trying again, while Fief or the store is down.
    pub fn retry_after(&self) -> Option<Duration> {
        let asked = match self {
            Self::Fief(error) => error.retry_after(),
            _ => None,
        };
        (self.status() == StatusCode::SERVICE_UNAVAILABLE)
            .then(|| asked.unwrap_or(RETRY_AFTER).min(LONGEST_RETRY_AFTER))
    }

    /// The value of `WWW-Authenticate` (RFC 6750 section 3), where the token is at fault.
    pub fn challenge(&self) -> Option<HeaderValue> {
        let is_of_the_token =
            matches!(self, Self::NoToken | Self::InvalidRequest(_) | Self::Fief(_))
                && matches!(self.status().as_u16(), 400 | 401 | 403);
        if !is_of_the_token {
            return None;
        }
        let mut header = r#"Bearer realm="fief""#.to_owned();
        let mut add = |name: &str, value: &str| {
            header.push_str(", ");
            header.push_str(name);
            header.push_str("=\"");
            header.extend(value.chars().map(|c| if is_quotable(c) { c } else { '?' }));
            header.push('"');
        };
        if let Some(code) = self.code() {
            add("error", code);
            add("error_description", &self.description());
        }
        if let Some((name, value)) = self.missing() {
            add(name, value);
        }
        Some(HeaderValue::from_str(&header).unwrap_or(HeaderValue::from_static("Bearer")))
    }

    /// The attribute that says what is required (RFC 6750 section 3, RFC 9470 section 3).
    pub(crate) fn missing(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Fief(Error::AccessToken(AccessTokenError::MissingScope(scope))) => {
                Some(("scope", scope))
            }
            error => error.required_acr().map(|level| ("acr_values", level.as_str())),
        }
    }

    fn described(&self) -> Described {
        let new =
            |status, code, sentence: &'static str| Described(status, Some(code), sentence.into());
        match self {
            Self::CrossSite => {
                new(StatusCode::FORBIDDEN, "cross_site", "another site asked for this")
            }
            Self::Fief(error) => of_fief(error, self.required_acr().is_some()),
            Self::InvalidRequest(what) => new(StatusCode::BAD_REQUEST, "invalid_request", what),
            Self::NoToken => {
                Described(StatusCode::UNAUTHORIZED, None, "an access token is required".into())
            }
            Self::Setup(_) => misconfigured(),
            Self::Store(_) => new(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "the store of the sessions can't be reached",
            ),
        }
    }

    /// Logs what the sender does not get to know.
    pub fn log(&self) {
        let report = Report(self);
        match self {
            Self::NoToken => {}
            Self::Fief(Error::AccessToken(AccessTokenError::Invalid(fault)))
                if is_of_setup(fault) =>
            {
                warn!("{report}");
            }
            _ if self.status().is_client_error() => debug!("{report}"),
            // The store itself warns, once per outage.
            Self::Store(_) => debug!("{report}"),
            _ if self.status() == StatusCode::INTERNAL_SERVER_ERROR => error!("{report}"),
            _ => warn!("{report}"),
        }
    }
}

fn misconfigured() -> Described {
    let sentence = "the server is set up wrongly".into();
    Described(StatusCode::INTERNAL_SERVER_ERROR, Some("server_error"), sentence)
}

fn of_fief(error: &Error, acr_too_low: bool) -> Described {
    let new = |status, code, sentence: &'static str| Described(status, Some(code), sentence.into());
    match error {
        Error::AccessToken(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            let sentence = match error {
                AccessTokenError::Expired { .. } => "the access token has expired".into(),
                AccessTokenError::Invalid(_) => "the access token is invalid".into(),
                error => error.to_string().into(),
            };
            Described(status, Some(error.code()), sentence)
        }
        Error::Refused(_) if acr_too_low => new(
            StatusCode::FORBIDDEN,
            "insufficient_user_authentication",
            "the user must show the password again",
        ),
        Error::Refused(refusal)
            if refusal.status() == 401 && is_of_the_user(refusal.endpoint()) =>
        {
            new(StatusCode::UNAUTHORIZED, "invalid_token", "the access token is invalid")
        }
        Error::Callback(CallbackError::Denied { .. }) => {
            new(StatusCode::FORBIDDEN, "access_denied", "the sign-in was cancelled or refused")
        }
        Error::IdToken(error) if matches!(error.fault(), TokenFault::AcrTooLow { .. }) => {
            new(StatusCode::FORBIDDEN, "access_denied", "the sign-in was of too low a level")
        }
        Error::Callback(_) => new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "this is not the answer to a sign-in that was begun here",
        ),
        error if error.is_invalid_grant() => new(
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            "the sign-in was used up or took too long",
        ),
        Error::Transport(_) | Error::Provider(_) | Error::Unchecked { .. } => unavailable(),
        // Without the discovery document and the keys no token can be validated.
        error if error.is_transient() => unavailable(),
        Error::Refused(_) | Error::Response(_) if error.never_sent() => unavailable(),
        Error::IdToken(_) | Error::Refused(_) | Error::Response(_) => new(
            StatusCode::BAD_GATEWAY,
            "server_error",
            "the authentication server answered with an error",
        ),
        _ => misconfigured(),
    }
}

fn unavailable() -> Described {
    let sentence = "the authentication server can't be reached".into();
    Described(StatusCode::SERVICE_UNAVAILABLE, Some("temporarily_unavailable"), sentence)
}

/// Whether an endpoint requires an access token, so that its refusal is about the token.
fn is_of_the_user(endpoint: Endpoint) -> bool {
    !matches!(endpoint, Endpoint::Discovery | Endpoint::Keys | Endpoint::Token)
}

/// Whether an option of this program would make the token acceptable: the message names the option.
fn is_of_setup(fault: &TokenFault) -> bool {
    use TokenFault::{UntrustedAudience, WrongAudience, WrongAuthorizedParty};
    matches!(fault, UntrustedAudience(_) | WrongAudience(_) | WrongAuthorizedParty(_))
}

/// The characters of RFC 6750 section 3, which need no escaping.
fn is_quotable(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\')
}

impl From<Error> for AuthError {
    fn from(error: Error) -> Self {
        Self::Fief(error)
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CrossSite => f.write_str("another site made a browser send this request"),
            Self::Fief(error) => error.fmt(f),
            Self::InvalidRequest(what) => f.write_str(what),
            Self::NoToken => f.write_str("the request has no access token"),
            Self::Setup(what) => write!(f, "this program is set up wrongly: {what}"),
            Self::Store(_) => f.write_str("the store of the sessions can't be used"),
        }
    }
}

impl StdError for AuthError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Fief(error) => error.source(),
            Self::Store(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_scope_breaks_the_header() {
        let scope = "a\"b\\c\r\nSet-Cookie: x=1; é\u{7f}";
        let error = AccessTokenError::MissingScope(scope.into());
        let challenge = AuthError::Fief(error.into()).challenge().unwrap();
        let shown = challenge.to_str().unwrap();
        assert!(shown.ends_with(r#"scope="a?b?c??Set-Cookie: x=1; ??""#), "{shown}");
        assert_eq!(shown.matches('"').count(), 8);
    }

    #[test]
    fn a_sentence_for_the_sender_names_no_client() {
        let fault = TokenFault::WrongAudience(vec!["another-client".to_owned()]);
        let error = AuthError::Fief(AccessTokenError::Invalid(fault).into());
        assert!(error.to_string().contains("another-client"), "{error}");
        assert_eq!(error.description(), "the access token is invalid");
        assert!(!error.challenge().unwrap().to_str().unwrap().contains("another-client"));
    }
}
