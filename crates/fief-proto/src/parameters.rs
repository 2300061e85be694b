//! What the token endpoint is given, and what its answer must then fit to.

use url::form_urlencoded::Serializer;

use crate::{
    Acr, ArgumentError, PendingLogin, Secret, UserInfo,
    ascii::is_visible_ascii,
    authorization::{check_redirect_uri, check_scope},
    pkce::is_verifier,
};

/// An authorization code, and what came before it (RFC 6749 section 4.1.3).
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

    /// The exchange at the end of a login, whose memory may have been through foreign hands.
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
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is passed on"]
pub struct RefreshRequest {
    refresh_token: Secret,
    scope: Vec<String>,
    previous: Option<Box<UserInfo>>,
}

impl RefreshRequest {
    /// Refreshes with this token, which the server takes once.
    pub fn new(refresh_token: impl Into<Secret>) -> Self {
        Self { refresh_token: refresh_token.into(), scope: Vec::new(), previous: None }
    }

    /// The scopes to narrow down to; all that were granted, if none are given.
    pub fn scope(mut self, scope: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scope = scope.into_iter().map(Into::into).collect();
        self
    }

    /// The user as signed in before. The new ID token must be of the same issuer, user and
    /// audience (OpenID Connect Core 12.2).
    pub fn previous(mut self, user: &UserInfo) -> Self {
        self.previous = Some(Box::new(user.clone()));
        self
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

impl From<&Secret> for RefreshRequest {
    fn from(refresh_token: &Secret) -> Self {
        Self::new(refresh_token)
    }
}

/// What is traded for tokens.
#[derive(Debug)]
pub(crate) enum Grant {
    Code(CodeExchange),
    Refresh(RefreshRequest),
}

/// What the authorization request asked of the ID token.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    pub nonce: Option<&'a Secret>,
    pub max_age: Option<u64>,
    pub acr: Option<Acr>,
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

    pub(crate) fn secrets(&self) -> Vec<Secret> {
        match self {
            Self::Code(exchange) => {
                let code = Some(exchange.code.clone());
                code.into_iter().chain(exchange.code_verifier.clone()).collect()
            }
            Self::Refresh(request) => vec![request.refresh_token.clone()],
        }
    }

    pub(crate) fn code(&self) -> Option<&Secret> {
        match self {
            Self::Code(exchange) => Some(&exchange.code),
            Self::Refresh(_) => None,
        }
    }

    pub(crate) fn asked(&self) -> Asked<'_> {
        match self {
            Self::Code(exchange) => Asked {
                nonce: exchange.nonce.as_ref(),
                max_age: exchange.max_age,
                acr: exchange.acr,
            },
            Self::Refresh(_) => Asked::default(),
        }
    }

    pub(crate) fn previous(&self) -> Option<&UserInfo> {
        match self {
            Self::Code(_) => None,
            Self::Refresh(request) => request.previous.as_deref(),
        }
    }
}
