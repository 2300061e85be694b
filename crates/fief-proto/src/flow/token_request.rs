//! A code or a refresh token for tokens (RFC 6749 sections 4.1.3 and 6).

use std::sync::Arc;

use http::Method;
use url::form_urlencoded::Serializer;

use super::{
    contract::{Flow, Input, Step},
    turn::{Pause, Turn, WhenDue, at_hand, step},
};
use crate::{
    base::time::UnixTime,
    claims::{id_token::IdToken, user_info::UserInfo},
    config::settings::{Authentication, Settings},
    error::{Error, token::IdTokenError, token_fault::TokenFault},
    http::{endpoint::Endpoint, request::Request, response::Response},
    oauth::{grant::Grant, tokens::Tokens},
    provider::{Provider, metadata::Metadata},
};

/// Exchanges a code or a refresh token; see
/// [`Client::auth_callback`](crate::Client::auth_callback) and
/// [`Client::auth_refresh_token`](crate::Client::auth_refresh_token).
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct TokenRequest {
    settings: Arc<Settings>,
    turn: Turn,
    grant: Grant,
    /// When the request was handed out.
    asked_at: UnixTime,
    answer: Option<Box<Answer>>,
}

/// What came, read and not checked yet.
#[derive(Debug)]
struct Answer {
    tokens: Tokens,
    id_token: IdToken,
}

impl TokenRequest {
    pub(crate) fn new(settings: Arc<Settings>, grant: Grant) -> Self {
        let asked_at = UnixTime::from_secs(0);
        Self { settings, turn: Turn::default(), grant, asked_at, answer: None }
    }

    /// Goes on with what another flow has asked of the provider already.
    pub(super) fn continuing(mut self, turn: Turn) -> Self {
        self.turn = turn.restarted();
        self
    }

    fn run(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        response: Option<Response>,
    ) -> Result<(Tokens, UserInfo), Pause> {
        if let Some(response) = response {
            self.answer = Some(self.read(response)?);
        }
        match self.answer.take() {
            None => self.ask(provider, now),
            Some(answer) => self.check(answer, provider, now),
        }
    }

    /// The keys come before the code is spent: a login that can't be checked is not begun. Keys
    /// that are due are used as they are.
    fn ask<T>(&mut self, provider: &Provider, now: UnixTime) -> Result<T, Pause> {
        let metadata = self.turn.metadata(&self.settings, provider, now)?;
        self.turn.keys(&self.settings, metadata, provider, now, WhenDue::Use)?;
        self.asked_at = now;
        let request = self.request(metadata);
        Err(self.turn.send(request))
    }

    fn request(&self, metadata: &Metadata) -> Request {
        let settings = &*self.settings;
        let uri = settings.base.uri(&metadata.token_endpoint);
        let request = Request::new(settings, Endpoint::Token, Method::POST, uri);
        let (id, secret) = match &settings.authentication {
            Authentication::Basic(_) => (None, None),
            Authentication::Post(secret) => (Some(&settings.client_id), Some(secret.expose())),
            Authentication::Public => (Some(&settings.client_id), None),
        };
        // Long enough from the start: a form that grows would leave copies of secrets behind.
        let size = self.grant.size() + 3 * (settings.client_id.len() + secret.map_or(0, str::len));
        let mut form = Serializer::new(String::with_capacity(size));
        self.grant.write(&mut form);
        if let Some(id) = id {
            form.append_pair("client_id", id);
        }
        if let Some(secret) = secret {
            form.append_pair("client_secret", secret);
        }
        let request = match &settings.authentication {
            Authentication::Basic(header) => request.with_authorization(header.clone()),
            Authentication::Post(_) | Authentication::Public => request,
        };
        request.with_body("application/x-www-form-urlencoded", form.finish().into_bytes())
    }

    fn read(&self, response: Response) -> Result<Box<Answer>, Error> {
        let tokens = Tokens::read(response, self.asked_at)?;
        let id_token =
            IdToken::read(tokens.id_token.expose(), &self.settings).map_err(IdTokenError::from)?;
        Ok(Box::new(Answer { tokens, id_token }))
    }

    /// What Fief has sent is not lost because it can't be checked just now: nothing is fetched
    /// here but the keys, once, and an error carries the new refresh token.
    fn check(
        &mut self,
        answer: Box<Answer>,
        provider: &Provider,
        now: UnixTime,
    ) -> Result<(Tokens, UserInfo), Pause> {
        let (metadata, keys) = match at_hand(&self.settings, provider) {
            Ok(documents) => documents,
            Err(misuse) if self.grant.is_refresh() => {
                return Err(self.unchecked(*answer, misuse).into());
            }
            Err(misuse) => return Err(misuse.into()),
        };
        let tokens = &answer.tokens;
        let settings = &*self.settings;
        let expected = self.grant.expected(&metadata.issuer, &tokens.access_token);
        let checked =
            answer.id_token.verify(tokens.id_token.expose(), settings, keys, now, &expected);
        let fault = match checked {
            Ok(user) => return Ok((answer.tokens, user)),
            Err(fault) => fault,
        };
        if fault == TokenFault::UnknownKey {
            if let Some(pause) =
                self.turn.refetch_keys_for_id_token(&self.settings, metadata, provider)
            {
                self.answer = Some(answer);
                return Err(pause);
            }
            if let Some(failure) = provider.keys.failure() {
                return Err(self.unchecked(*answer, failure.clone()).into());
            }
        }
        let can_wait = fault == TokenFault::UnknownKey || fault.is_of_time();
        let error = Error::from(IdTokenError::from(fault));
        if can_wait && self.grant.is_refresh() {
            return Err(self.unchecked(*answer, error).into());
        }
        Err(error.into())
    }

    fn unchecked(&self, answer: Answer, reason: Error) -> Error {
        let refresh_token = answer.tokens.refresh_token.filter(|_| self.grant.is_refresh());
        Error::Unchecked { reason: Box::new(reason), refresh_token }
    }
}

impl Flow for TokenRequest {
    type Output = (Tokens, UserInfo);

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<Self::Output>, Error> {
        let response = self.turn.accept(provider, input)?;
        step(self.run(provider, now, response))
    }
}
