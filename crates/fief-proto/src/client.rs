//! The client: one method an operation, each giving a flow to drive, or a value.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    AuthUrl, AuthorizationRequest, Cause, CodeExchange, Endpoint, Error, FinishLogin, Login,
    PendingLogin, Provider, RefreshRequest, Requirements, Response, Ticket, TokenExchange,
    UnixTime, UserRequest, ValidateAccessToken, answer, authorization::check_redirect_uri,
    config::Settings, flow::Call, jwk::KeySet, metadata::Metadata, parameters::Grant,
    provider::Document,
};

/// A client of one Fief tenant. Immutable and cheap to clone; it opens and remembers nothing.
///
/// Make one with [`Config::build`](crate::Config::build). What is learned from the server is in the
/// [`Provider`] that you own; how to drive the flows stands at [`Flow`](crate::Flow).
#[derive(Clone, Debug)]
pub struct Client {
    settings: Arc<Settings>,
}

impl Client {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self { settings }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether this is a clone of the other.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.settings, &other.settings)
    }

    /// Whether requests carry a `Host` header of their own: they must then go over HTTP/1.1.
    pub fn overrides_host(&self) -> bool {
        self.settings.host_header.is_some()
    }

    /// Begins a login with state, nonce and PKCE, and gives the URL to send the user to.
    ///
    /// `openid` is always among the scopes. `entropy` comes from the operating system's random
    /// source, anew for each login.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the request can't be sent.
    pub fn login(
        &self,
        request: impl Into<AuthorizationRequest>,
        entropy: &[u8; 96],
    ) -> Result<Login, Error> {
        let request = request.into();
        request.check_for_login()?;
        Ok(Login::new(self.clone(), request, entropy))
    }

    /// Ends a login: checks what the browser came back with, and exchanges the code.
    ///
    /// `callback` is the whole URL that was called, or its query. The flow checks `state`, a
    /// denial, the issuer, and the ID token with nonce, `max_age` and ACR.
    pub fn finish_login(&self, pending: PendingLogin, callback: &str) -> FinishLogin {
        FinishLogin::new(self.clone(), pending, callback)
    }

    /// Ends a login with a code alone, which a user has copied out of the browser.
    ///
    /// There is no `state` to check then; nonce and PKCE stand in for it. Where the whole URL can
    /// be had, [`finish_login`](Self::finish_login) is safer.
    pub fn finish_login_with_code(&self, pending: PendingLogin, code: &str) -> FinishLogin {
        FinishLogin::with_code(self.clone(), pending, code)
    }

    /// Builds an authorization URL from exactly what it is given; [`login`](Self::login) is safer.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the request can't be sent.
    pub fn auth_url(&self, request: impl Into<AuthorizationRequest>) -> Result<AuthUrl, Error> {
        let request = request.into();
        request.check()?;
        Ok(AuthUrl::new(self.clone(), request))
    }

    /// Exchanges an authorization code for tokens, and checks the ID token (RFC 6749 section 4.1.3,
    /// OpenID Connect Core 3.1.3).
    ///
    /// Whoever calls this has checked `state` already; [`finish_login`](Self::finish_login) does.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the exchange can't be sent.
    pub fn auth_callback(&self, exchange: CodeExchange) -> Result<TokenExchange, Error> {
        exchange.check()?;
        Ok(TokenExchange::new(self.clone(), Grant::Code(exchange)))
    }

    /// Exchanges a refresh token for new tokens (RFC 6749 section 6, OpenID Connect Core 12).
    ///
    /// The server takes each refresh token once, and answers with the next one.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the request can't be sent.
    pub fn auth_refresh_token(
        &self,
        request: impl Into<RefreshRequest>,
    ) -> Result<TokenExchange, Error> {
        let request = request.into();
        request.check()?;
        Ok(TokenExchange::new(self.clone(), Grant::Refresh(request)))
    }

    /// Validates an access token, and checks what it allows.
    ///
    /// With fresh keys the flow is done at its first step: nothing is sent, no lock is taken. The
    /// user may have been deleted or lost a permission since the token was issued;
    /// [`userinfo`](Self::userinfo) asks the server.
    pub fn validate_access_token<'a>(
        &'a self,
        token: &'a str,
        requirements: &'a Requirements,
    ) -> ValidateAccessToken<'a> {
        ValidateAccessToken::new(self, token, requirements)
    }

    /// Asks for the claims of the user whose access token this is (OpenID Connect Core 5.3).
    ///
    /// The server takes any token of the tenant, ID tokens included, and for 60 seconds after they
    /// expired: this is no validation.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token can't be sent.
    pub fn userinfo(&self, token: &str) -> Result<UserRequest, Error> {
        UserRequest::new(self.clone(), token, Call::Userinfo)
    }

    /// As [`userinfo`](Self::userinfo), and refuses the claims of another user (5.3.2).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token can't be sent.
    pub fn userinfo_of(&self, token: &str, subject: &str) -> Result<UserRequest, Error> {
        Ok(self.userinfo(token)?.of_subject(subject))
    }

    /// Changes the user's profile. `data` is sent as it is; user fields stand under `fields`.
    ///
    /// A field that has a default and is left out goes back to it. `email` and `password` are
    /// ignored by the server here: see [`email_change`](Self::email_change) and
    /// [`change_password`](Self::change_password).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token can't be sent.
    pub fn update_profile(&self, token: &str, data: &Value) -> Result<UserRequest, Error> {
        UserRequest::new(self.clone(), token, Call::profile(data))
    }

    /// Changes the user's password. The token must be of [`Acr::LevelOne`](crate::Acr::LevelOne).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token can't be sent.
    pub fn change_password(&self, token: &str, password: &str) -> Result<UserRequest, Error> {
        UserRequest::new(self.clone(), token, Call::password(password))
    }

    /// Asks for another email address; a code is mailed to it. The token must be of
    /// [`Acr::LevelOne`](crate::Acr::LevelOne).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token can't be sent.
    pub fn email_change(&self, token: &str, email: &str) -> Result<UserRequest, Error> {
        UserRequest::new(self.clone(), token, Call::email_change(email))
    }

    /// Shows the code that was mailed, and takes over the new address. The token must be of
    /// [`Acr::LevelOne`](crate::Acr::LevelOne).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token can't be sent.
    pub fn email_verify(&self, token: &str, code: &str) -> Result<UserRequest, Error> {
        UserRequest::new(self.clone(), token, Call::email_verify(code))
    }

    /// The URL that ends the user's session at Fief and comes back to `redirect_uri`.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the redirect URI is not absolute or holds a fragment.
    pub fn logout_url(&self, redirect_uri: &str) -> Result<String, Error> {
        check_redirect_uri(redirect_uri)?;
        let settings = self.settings();
        let place = settings.public.as_ref().unwrap_or(&settings.base);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect_uri", redirect_uri)
            .finish();
        Ok(format!("{}/logout?{query}", place.as_str()))
    }

    /// Writes down how a shared fetch ended. This is the only function that writes a provider.
    ///
    /// It never fails: an attempt that failed is recorded as failed, and leaves the last good
    /// document in place.
    pub fn learn(
        &self,
        provider: &mut Provider,
        ticket: Ticket,
        now: UnixTime,
        outcome: Result<Response, Cause>,
    ) {
        let settings = self.settings();
        match ticket.document {
            Document::Discovery => provider.discovery.record(
                answer::document(Endpoint::Discovery, outcome, |body| {
                    Metadata::parse(body, settings)
                }),
                ticket.purpose,
                now,
            ),
            Document::Keys => provider.keys.record(
                answer::document(Endpoint::Keys, outcome, |body| {
                    KeySet::parse(body, settings.backend)
                }),
                ticket.purpose,
                now,
            ),
        }
    }
}
