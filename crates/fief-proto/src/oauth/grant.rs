//! What is exchanged for tokens, and what the answer must then match.

use url::form_urlencoded::Serializer;

use super::{
    authorization_request::{check_redirect_uri, check_scope},
    pending_login::PendingLogin,
    pkce::is_verifier,
};
use crate::{
    base::{ascii::is_visible_ascii, secret::Secret},
    claims::{acr::Acr, id_token::Expected, user_info::UserInfo},
    error::local::ArgumentError,
};

/// An authorization code, and what came before it (RFC 6749 section 4.1.3).
///
/// ```
/// use fief_proto::CodeExchange;
///
/// let exchange = CodeExchange::new("CODE", "https://www.example.com/callback")
///     .code_verifier("VERIFIER")
///     .nonce("NONCE");
/// # let _ = exchange;
/// ```
#[derive(Clone, Debug)]
#[must_use = "an exchange does nothing until it is passed on"]
pub struct CodeExchange {
    code: Secret,
    redirect_uri: String,
    code_verifier: Option<Secret>,
    nonce: Option<Secret>,
    max_age: Option<u64>,
    acr: Option<Acr>,
}

impl CodeExchange {
    /// The code from the callback, and the redirect URI that the authorization request had.
    pub fn new(code: impl Into<Secret>, redirect_uri: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            redirect_uri: redirect_uri.into(),
            code_verifier: None,
            nonce: None,
            max_age: None,
            acr: None,
        }
    }

    /// The verifier behind the code challenge that was sent (RFC 7636).
    pub fn code_verifier(mut self, verifier: impl Into<Secret>) -> Self {
        self.code_verifier = Some(verifier.into());
        self
    }

    /// The nonce that was sent: the ID token must hold it.
    pub fn nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// The `max_age` that was sent, in seconds: the ID token must keep it.
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// The exchange at the end of a login. The pending login was stored by the caller, so that its
    /// values are checked again.
    pub(crate) fn of_login(code: Secret, pending: PendingLogin) -> Result<Self, ArgumentError> {
        let exchange = Self {
            code,
            redirect_uri: pending.redirect_uri,
            code_verifier: Some(pending.code_verifier),
            nonce: Some(pending.nonce),
            max_age: pending.max_age,
            acr: pending.acr,
        };
        exchange
            .check()
            .map_err(|_| ArgumentError::new("pending_login", "is not one that `login` has made"))?;
        Ok(exchange)
    }

    pub(crate) fn check(&self) -> Result<(), ArgumentError> {
        check_redirect_uri(&self.redirect_uri)?;
        if !is_visible_ascii(self.code.expose()) {
            return Err(ArgumentError::new("code", "is empty or not visible ASCII"));
        }
        if self.nonce.as_ref().is_some_and(|nonce| nonce.expose().is_empty()) {
            return Err(ArgumentError::new("nonce", "is empty"));
        }
        match &self.code_verifier {
            Some(verifier) => is_verifier(verifier.expose()),
            None => Ok(()),
        }
    }
}

/// A refresh token, and what is known of the one it was given to (RFC 6749 section 6).
///
/// ```
/// use fief_proto::{RefreshRequest, UserInfo};
///
/// let user = UserInfo::new("545e68d4-b831-43cb-9aec-972543716667"); // of the login
/// let request = RefreshRequest::new("REFRESH_TOKEN").previous(&user);
/// # let _ = request;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is passed on"]
pub struct RefreshRequest {
    refresh_token: Secret,
    scope: Vec<String>,
    previous: Option<Box<UserInfo>>,
}

impl RefreshRequest {
    /// Refreshes with this token, which the server accepts once.
    pub fn new(refresh_token: impl Into<Secret>) -> Self {
        Self { refresh_token: refresh_token.into(), scope: Vec::new(), previous: None }
    }

    /// Further scopes to narrow down to; all that were granted, if none are given.
    pub fn scope(mut self, scope: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scope.extend(scope.into_iter().map(Into::into));
        self
    }

    /// The user as signed in before. The new ID token must be of the same issuer, user and
    /// audience (OpenID Connect Core 12.2).
    pub fn previous(mut self, user: &UserInfo) -> Self {
        self.previous = Some(Box::new(user.clone()));
        self
    }

    /// The ID of the user as signed in before, where no more is known of them: the new ID token
    /// must be theirs.
    pub fn previous_subject(self, subject: impl ToString) -> Self {
        self.previous(&UserInfo::new(subject))
    }

    pub(crate) fn check(&self) -> Result<(), ArgumentError> {
        check_scope(&self.scope)?;
        if !is_visible_ascii(self.refresh_token.expose()) {
            return Err(ArgumentError::new("refresh_token", "is empty or not visible ASCII"));
        }
        Ok(())
    }
}

impl From<&str> for RefreshRequest {
    fn from(refresh_token: &str) -> Self {
        Self::new(refresh_token)
    }
}

impl From<&String> for RefreshRequest {
    fn from(refresh_token: &String) -> Self {
        Self::new(refresh_token)
    }
}

impl From<&Secret> for RefreshRequest {
    fn from(refresh_token: &Secret) -> Self {
        Self::new(refresh_token)
    }
}

impl From<Secret> for RefreshRequest {
    fn from(refresh_token: Secret) -> Self {
        Self::new(refresh_token)
    }
}

/// What is exchanged for tokens.
#[derive(Debug)]
pub(crate) enum Grant {
    Code(CodeExchange),
    Refresh(RefreshRequest),
}

impl Grant {
    pub(crate) fn write(&self, form: &mut Serializer<'_, String>) {
        match self {
            Self::Code(exchange) => {
                form.append_pair("grant_type", "authorization_code");
                form.append_pair("code", exchange.code.expose());
                form.append_pair("redirect_uri", &exchange.redirect_uri);
                if let Some(verifier) = &exchange.code_verifier {
                    form.append_pair("code_verifier", verifier.expose());
                }
            }
            Self::Refresh(request) => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("refresh_token", request.refresh_token.expose());
                if !request.scope.is_empty() {
                    form.append_pair("scope", &request.scope.join(" "));
                }
            }
        }
    }

    /// How long its form is at most, in bytes.
    pub(crate) fn size(&self) -> usize {
        let encoded = |string: &str| 3 * string.len();
        256 + match self {
            Self::Code(exchange) => {
                let verifier = exchange.code_verifier.as_ref().map_or("", Secret::expose);
                encoded(exchange.code.expose())
                    + encoded(&exchange.redirect_uri)
                    + encoded(verifier)
            }
            Self::Refresh(request) => {
                let scope: usize = request.scope.iter().map(|scope| encoded(scope) + 3).sum();
                encoded(request.refresh_token.expose()) + scope
            }
        }
    }

    /// What the ID token in the answer must match.
    pub(crate) fn expected<'a>(
        &'a self,
        issuer: &'a str,
        access_token: &'a Secret,
    ) -> Expected<'a> {
        let expected = Expected { issuer, access_token: Some(access_token), ..Expected::default() };
        match self {
            Self::Code(exchange) => Expected {
                code: Some(&exchange.code),
                nonce: exchange.nonce.as_ref(),
                max_age: exchange.max_age,
                acr: exchange.acr,
                ..expected
            },
            Self::Refresh(request) => {
                Expected { previous: request.previous.as_deref(), ..expected }
            }
        }
    }

    pub(crate) fn is_refresh(&self) -> bool {
        matches!(self, Self::Refresh(_))
    }
}
