//! The operations: each runs the core's flow of the same name.

use fief_proto::{
    AccessTokenInfo, AuthorizationRequest, CodeExchange, EmailCode, IdTokenChecks, LoginRedirect,
    NewEmail, NewPassword, PendingLogin, Pkce, RefreshRequest, Requirements, Secret, TokenRef,
    Tokens, UserInfo, WebhookEvent, verify_webhook,
};
use fief_transport::{Error, entropy};
use http::HeaderMap;
use serde_json::Value;

use crate::Fief;

impl Fief {
    /// Begins a login with state, nonce and PKCE; keep `pending` until the user comes back.
    ///
    /// See [`Client::login`](fief_proto::Client::login).
    ///
    /// # Errors
    ///
    /// If the request can't be sent, or the provider can't be reached or trusted.
    pub async fn login(
        &self,
        request: impl Into<AuthorizationRequest>,
    ) -> Result<LoginRedirect, Error> {
        let entropy = entropy::<96>()?;
        self.call("login", self.client().login(request, &entropy)?).await
    }

    /// Ends a login: checks what the browser came back with, and exchanges the code.
    ///
    /// `callback` is the whole URL that was called, or its query. See
    /// [`Client::finish_login`](fief_proto::Client::finish_login).
    ///
    /// # Errors
    ///
    /// If the callback is no answer to this login, the server refuses the code, or the ID token is
    /// not to be trusted.
    pub async fn finish_login(
        &self,
        pending: PendingLogin,
        callback: &str,
    ) -> Result<(Tokens, UserInfo), Error> {
        self.call("finish_login", self.client().finish_login(pending, callback)).await
    }

    /// Ends a login with a code alone, which a user has copied out of the browser.
    ///
    /// # Errors
    ///
    /// If the server refuses the code, or the ID token is not to be trusted.
    pub async fn finish_login_with_code(
        &self,
        pending: PendingLogin,
        code: &str,
    ) -> Result<(Tokens, UserInfo), Error> {
        self.call("finish_login", self.client().finish_login_with_code(pending, code)).await
    }

    /// Builds an authorization URL from exactly what it is given; [`login`](Self::login) is safer.
    ///
    /// # Errors
    ///
    /// If the request can't be sent, or the provider can't be reached or trusted.
    pub async fn auth_url(
        &self,
        request: impl Into<AuthorizationRequest>,
    ) -> Result<String, Error> {
        self.call("auth_url", self.client().auth_url(request)?).await
    }

    /// Exchanges an authorization code for tokens, and checks the ID token.
    ///
    /// # Errors
    ///
    /// If the server refuses the code, or the ID token is not to be trusted.
    pub async fn auth_callback(&self, exchange: CodeExchange) -> Result<(Tokens, UserInfo), Error> {
        self.call("auth_callback", self.client().auth_callback(exchange)?).await
    }

    /// Exchanges a refresh token, which the server takes once, for new tokens.
    ///
    /// # Errors
    ///
    /// If the server refuses the token, or the new ID token is not to be trusted.
    pub async fn auth_refresh_token(
        &self,
        request: impl Into<RefreshRequest>,
    ) -> Result<(Tokens, UserInfo), Error> {
        self.call("auth_refresh_token", self.client().auth_refresh_token(request)?).await
    }

    /// Validates an access token, and checks what it allows. With fresh keys nothing is sent.
    ///
    /// See [`Client::validate_access_token`](fief_proto::Client::validate_access_token).
    ///
    /// # Errors
    ///
    /// [`AccessTokenError`](fief_proto::AccessTokenError) if the token is refused, and
    /// [`ProviderError`](fief_proto::ProviderError) if there are no keys to tell.
    pub async fn validate_access_token<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        requirements: &Requirements,
    ) -> Result<AccessTokenInfo, Error> {
        self.validate(token.into(), requirements).await
    }

    /// Checks an ID token that was kept since its login; see
    /// [`Client::validate_id_token`](fief_proto::Client::validate_id_token).
    ///
    /// # Errors
    ///
    /// If the token is not to be trusted, or there are no keys to tell.
    pub async fn validate_id_token<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        checks: &IdTokenChecks,
    ) -> Result<UserInfo, Error> {
        self.call("validate_id_token", self.client().validate_id_token(token.into(), checks)).await
    }

    /// Asks for the claims of the user whose access token this is.
    ///
    /// # Errors
    ///
    /// If the server refuses the token.
    pub async fn userinfo<'a>(&self, token: impl Into<TokenRef<'a>>) -> Result<UserInfo, Error> {
        self.call("userinfo", self.client().userinfo(token)?).await
    }

    /// As [`userinfo`](Self::userinfo), and refuses the claims of another user.
    ///
    /// # Errors
    ///
    /// If the server refuses the token, or answers about somebody else.
    pub async fn userinfo_of<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        subject: impl ToString,
    ) -> Result<UserInfo, Error> {
        self.call("userinfo", self.client().userinfo_of(token, subject)?).await
    }

    /// Changes the user's profile; user fields stand under `fields`.
    ///
    /// `email` and `password` are ignored here: see [`email_change`](Self::email_change) and
    /// [`change_password`](Self::change_password).
    ///
    /// # Errors
    ///
    /// If the server refuses the token or the data.
    pub async fn update_profile<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        data: &Value,
    ) -> Result<UserInfo, Error> {
        self.call("update_profile", self.client().update_profile(token, data)?).await
    }

    /// Changes the user's password. The token must be of ACR 1.
    ///
    /// # Errors
    ///
    /// If the server refuses the token or the password.
    pub async fn change_password<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        password: &NewPassword,
    ) -> Result<UserInfo, Error> {
        self.call("change_password", self.client().change_password(token, password)?).await
    }

    /// Asks for another email address; a code is mailed to it. The token must be of ACR 1.
    ///
    /// # Errors
    ///
    /// If the server refuses the token or the address.
    pub async fn email_change<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        email: &NewEmail,
    ) -> Result<UserInfo, Error> {
        self.call("email_change", self.client().email_change(token, email)?).await
    }

    /// Shows the code that was mailed, and takes over the new address. The token must be of ACR 1.
    ///
    /// # Errors
    ///
    /// If the server refuses the token or the code.
    pub async fn email_verify<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        code: &EmailCode,
    ) -> Result<UserInfo, Error> {
        self.call("email_verify", self.client().email_verify(token, code)?).await
    }

    /// The URL that ends the user's session at Fief and comes back to `redirect_uri`.
    ///
    /// # Errors
    ///
    /// If the redirect URI is not absolute or holds a fragment.
    pub fn logout_url(&self, redirect_uri: &str) -> Result<String, Error> {
        Ok(self.client().logout_url(redirect_uri)?)
    }

    /// Checks a webhook delivery and reads its event; `body` is the raw body. See
    /// [`verify_webhook`](fief_proto::verify_webhook).
    ///
    /// # Errors
    ///
    /// [`WebhookError`](fief_proto::WebhookError): answer with 4xx and do nothing.
    pub fn verify_webhook(
        &self,
        secret: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<WebhookEvent, Error> {
        Ok(verify_webhook(secret, headers, body, self.now())?)
    }

    /// A fresh verifier for PKCE, for [`auth_url`](Self::auth_url); `login` makes its own.
    ///
    /// # Errors
    ///
    /// If the operating system gives no randomness.
    pub fn pkce() -> Result<Pkce, Error> {
        fief_transport::pkce()
    }

    /// A fresh text that nobody guesses, for the `state` or `nonce` of an
    /// [`auth_url`](Self::auth_url); `login` makes its own.
    ///
    /// # Errors
    ///
    /// If the operating system gives no randomness.
    pub fn random_text() -> Result<Secret, Error> {
        fief_transport::random_text()
    }
}
