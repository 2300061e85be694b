//! The client: one method for each operation, which returns a flow to drive, or a value.

use std::sync::Arc;

use http::Method;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{
    base::{secret::TokenRef, time::UnixTime},
    claims::{id_token::IdTokenChecks, requirements::Requirements},
    config::{Config, settings::Settings},
    error::{Error, transport::TransportError},
    flow::{
        AuthUrl, Call, FinishLogin, Login, Response, Ticket, TokenRequest, UserApi,
        ValidateAccessToken, ValidateIdToken,
    },
    http::{endpoint::Endpoint, response},
    jose::jwk::KeySet,
    oauth::{
        authorization_request::{AuthorizationRequest, check_redirect_uri},
        grant::{CodeExchange, Grant, RefreshRequest},
        pending_login::PendingLogin,
        user_api::{EmailCode, NewEmail, NewPassword},
    },
    provider::{Document, Provider, Slot, metadata::Metadata},
};

/// A client of one Fief tenant. Immutable and cheap to clone; it opens and remembers nothing.
///
/// Make one with [`Config::build`](crate::Config::build). What is learned from the server is in the
/// [`Provider`] that you own; how to drive the flows stands at [`Flow`](crate::flow::Flow).
///
/// ```
/// use fief_proto::Config;
///
/// let client = Config::new("https://example.fief.dev/second", "CLIENT_ID").build()?;
/// let url = client.logout_url("https://www.example.com")?; // a value: nothing is to be sent
/// assert!(url.starts_with("https://example.fief.dev/second/logout?"));
/// let _flow = client.userinfo("ACCESS_TOKEN")?; // a flow: to be driven
/// # Ok::<(), fief_proto::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    settings: Arc<Settings>,
}

impl Config {
    /// Checks the configuration and makes the client.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], naming the option at fault.
    pub fn build(self) -> Result<Client, Error> {
        Ok(Client { settings: Arc::new(self.settings()?) })
    }
}

impl Client {
    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// The base URL of the server or tenant, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.settings.base.as_str()
    }

    /// The client ID.
    pub fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    /// Begins a login with state, nonce and PKCE; the flow returns the URL to send the user to.
    ///
    /// `openid` is always among the scopes. `entropy` comes from the operating system's random
    /// source, anew for each login.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`], naming the argument that can't be sent.
    pub fn login(
        &self,
        request: impl Into<AuthorizationRequest>,
        entropy: &[u8; 96],
    ) -> Result<Login, Error> {
        let request = request.into();
        request.check_for_login()?;
        Ok(Login::new(Arc::clone(&self.settings), request, entropy))
    }

    /// Ends a login: checks what the browser came back with, and exchanges the code.
    ///
    /// `callback` is the whole URL that was called, or its query. The flow checks `state`, a
    /// denial, the issuer, and the ID token with nonce, `max_age` and ACR.
    pub fn finish_login(&self, pending: PendingLogin, callback: &str) -> FinishLogin {
        FinishLogin::new(Arc::clone(&self.settings), pending, callback)
    }

    /// Ends a login with a code alone, which a user has copied out of the browser.
    ///
    /// There is no `state` to check then; nonce and PKCE protect the login in its place. Where the
    /// whole URL is available, [`finish_login`](Self::finish_login) is safer.
    pub fn finish_login_with_code(&self, pending: PendingLogin, code: &str) -> FinishLogin {
        FinishLogin::with_code(Arc::clone(&self.settings), pending, code)
    }

    /// Builds an authorization URL from exactly what it is given; [`login`](Self::login) is safer.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`], naming the argument that can't be sent.
    pub fn auth_url(&self, request: impl Into<AuthorizationRequest>) -> Result<AuthUrl, Error> {
        let request = request.into();
        request.check()?;
        Ok(AuthUrl::new(Arc::clone(&self.settings), request))
    }

    /// Exchanges an authorization code for tokens, and checks the ID token (RFC 6749 section 4.1.3,
    /// OpenID Connect Core 3.1.3).
    ///
    /// The caller has checked `state` before; [`finish_login`](Self::finish_login) does it by
    /// itself.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`], naming the argument that can't be sent.
    pub fn auth_callback(&self, exchange: CodeExchange) -> Result<TokenRequest, Error> {
        exchange.check()?;
        Ok(TokenRequest::new(Arc::clone(&self.settings), Grant::Code(exchange)))
    }

    /// Exchanges a refresh token for new tokens (RFC 6749 section 6, OpenID Connect Core 12).
    ///
    /// The server accepts each refresh token once, and answers with the next one. If the answer
    /// can't be checked just now, the error is [`Error::Unchecked`] and carries that next token:
    /// keep it.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`], naming the argument that can't be sent.
    pub fn auth_refresh_token(
        &self,
        request: impl Into<RefreshRequest>,
    ) -> Result<TokenRequest, Error> {
        let request = request.into();
        request.check()?;
        Ok(TokenRequest::new(Arc::clone(&self.settings), Grant::Refresh(request)))
    }

    /// Validates an access token, and checks what it allows.
    ///
    /// With fresh keys the flow is done at its first step: nothing is sent, no lock is taken. The
    /// user may have been deleted or lost a permission since the token was issued;
    /// [`userinfo`](Self::userinfo) asks the server.
    pub fn validate_access_token<'a>(
        &'a self,
        token: impl Into<TokenRef<'a>>,
        requirements: &'a Requirements,
    ) -> ValidateAccessToken<'a> {
        ValidateAccessToken::new(&self.settings, token.into(), requirements)
    }

    /// Checks a stored ID token, as at its login: signature, issuer, audience, times (OpenID
    /// Connect Core 3.1.3.7). An expired one is refused.
    ///
    /// Such a token may be forged. For an unknown key, the keys are therefore fetched at most once
    /// per [cooldown](Config::key_refetch_cooldown), as for access tokens.
    ///
    /// The exchange of a code or a refresh token checks the ID token that comes with it by itself.
    pub fn validate_id_token<'a>(
        &'a self,
        token: impl Into<TokenRef<'a>>,
        checks: &'a IdTokenChecks,
    ) -> ValidateIdToken<'a> {
        ValidateIdToken::new(&self.settings, token.into(), checks)
    }

    /// Asks the server for the claims of the user whose access token this is (OpenID Connect Core
    /// 5.3).
    ///
    /// The server accepts any token of the tenant, ID tokens included, and for 60 seconds after
    /// they expired: this is not a validation.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token is empty or not visible ASCII.
    pub fn userinfo<'a>(&self, token: impl Into<TokenRef<'a>>) -> Result<UserApi, Error> {
        UserApi::new(Arc::clone(&self.settings), token.into(), Call::Userinfo)
    }

    /// As [`userinfo`](Self::userinfo), and refuses the claims of another user (5.3.2).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token is empty or not visible ASCII.
    #[expect(clippy::needless_pass_by_value, reason = "a string or an ID, owned or not")]
    pub fn userinfo_of<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        subject: impl ToString,
    ) -> Result<UserApi, Error> {
        Ok(self.userinfo(token)?.of_subject(subject.to_string()))
    }

    /// Changes the user's profile. `data` is sent as it is; user fields are members of its
    /// `fields`.
    ///
    /// A field that has a default and is left out goes back to it. `email` and `password` are
    /// ignored by the server here: see [`email_change`](Self::email_change) and
    /// [`change_password`](Self::change_password).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token is empty or not visible ASCII.
    pub fn update_profile<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        data: &Value,
    ) -> Result<UserApi, Error> {
        let call = Call::update(Endpoint::Profile, Method::PATCH, "/api/profile", data, 4096)?;
        UserApi::new(Arc::clone(&self.settings), token.into(), call)
    }

    /// Changes the user's password. The token must be of [`Acr::LevelOne`](crate::Acr::LevelOne).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token is empty or not visible ASCII.
    pub fn change_password<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        password: &NewPassword,
    ) -> Result<UserApi, Error> {
        let data = Member { name: "password", value: password };
        let (endpoint, size) = (Endpoint::Password, password.len());
        let call = Call::update(endpoint, Method::PATCH, "/api/password", &data, size)?;
        UserApi::new(Arc::clone(&self.settings), token.into(), call)
    }

    /// Asks for another email address; a code is mailed to it. The token must be of
    /// [`Acr::LevelOne`](crate::Acr::LevelOne).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token is empty or not visible ASCII.
    pub fn email_change<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        email: &NewEmail,
    ) -> Result<UserApi, Error> {
        let data = Member { name: "email", value: email };
        let (endpoint, size) = (Endpoint::EmailChange, email.len());
        let call = Call::update(endpoint, Method::PATCH, "/api/email/change", &data, size)?;
        UserApi::new(Arc::clone(&self.settings), token.into(), call)
    }

    /// Sends the code that was mailed, which makes the new address the user's. The token must be of
    /// [`Acr::LevelOne`](crate::Acr::LevelOne).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the token is empty or not visible ASCII.
    pub fn email_verify<'a>(
        &self,
        token: impl Into<TokenRef<'a>>,
        code: &EmailCode,
    ) -> Result<UserApi, Error> {
        let data = Member { name: "code", value: code };
        let (endpoint, size) = (Endpoint::EmailVerify, code.len());
        let call = Call::update(endpoint, Method::POST, "/api/email/verify", &data, size)?;
        UserApi::new(Arc::clone(&self.settings), token.into(), call)
    }

    /// The URL that ends the user's session at Fief and then sends the browser to `redirect_uri`.
    /// It is under the `public_url` of the configuration, else on its `host`, else under the base
    /// URL.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the redirect URI is not absolute or holds a fragment.
    pub fn logout_url(&self, redirect_uri: &str) -> Result<String, Error> {
        check_redirect_uri(redirect_uri)?;
        let settings = self.settings();
        let base = settings.public.as_ref().or(settings.host.as_ref()).unwrap_or(&settings.base);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect_uri", redirect_uri)
            .finish();
        Ok(format!("{}/logout?{query}", base.as_str()))
    }

    /// Records how a shared fetch ended. This is the only function that writes a provider.
    ///
    /// It never fails: an attempt that failed is recorded as failed, and leaves the last good
    /// document in place.
    pub fn learn(
        &self,
        provider: &mut Provider,
        ticket: Ticket,
        now: UnixTime,
        outcome: Result<Response, TransportError>,
    ) {
        let settings = self.settings();
        let id = settings.provider_id;
        let outcome = outcome
            .map_err(|error| Error::from(error.of_document()))
            .and_then(|response| response::document(ticket.endpoint(), response));
        match ticket.document {
            Document::Discovery => {
                let parsed = outcome
                    .and_then(|document| Ok((Metadata::parse(&document, settings)?, document)));
                provider.discovery.record(parsed, id, now);
            }
            Document::Keys => {
                let parsed = outcome.and_then(|document| {
                    Ok((KeySet::parse(&document, settings.backend)?, document))
                });
                provider.keys.record(parsed, id, now);
            }
        }
    }
}

impl Provider {
    /// Makes a provider from documents at hand, without a request: for tests, pinned keys, and a
    /// start without network.
    ///
    /// The documents are what the server would have answered at `fetched_at`, and pass the same
    /// checks. Their age is counted from then.
    ///
    /// # Errors
    ///
    /// [`Error::Provider`] or [`Error::Response`] if a document is refused.
    pub fn from_documents(
        client: &Client,
        discovery: &[u8],
        keys: &[u8],
        fetched_at: UnixTime,
    ) -> Result<Self, Error> {
        let settings = client.settings();
        let id = settings.provider_id;
        let metadata = Metadata::parse(discovery, settings)?;
        let key_set = KeySet::parse(keys, settings.backend)?;
        Ok(Self {
            discovery: Slot::known(metadata, discovery, id, fetched_at),
            keys: Slot::known(key_set, keys, id, fetched_at),
        })
    }
}

/// An object of one member, written without a copy of its value.
struct Member<'a, T> {
    name: &'static str,
    value: &'a T,
}

impl<T: Serialize> Serialize for Member<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.name, self.value)])
    }
}
