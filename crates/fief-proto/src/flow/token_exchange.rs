//! A code or a refresh token for tokens.

use http::Method;

use super::{
    Flow, Input, Step,
    turn::{Turn, met},
};
use crate::{
    Client, Endpoint, Error, Provider, Request, Secret, Tokens, UnixTime, UserInfo, answer,
    config::Authentication,
    metadata::Metadata,
    parameters::Grant,
    token::{
        Verdict,
        id_token::{self, Expected},
    },
    tokens::TokenAnswer,
};

/// Exchanges a code or a refresh token; see [`Client::auth_callback`] and
/// [`Client::auth_refresh_token`].
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct TokenExchange {
    client: Client,
    turn: Turn,
    grant: Grant,
    /// When the request was handed out: the lifetime of what comes is counted from here, so that
    /// no token is taken for fresh longer than the server does.
    asked_at: Option<UnixTime>,
    answer: Option<TokenAnswer>,
}

impl TokenExchange {
    pub(crate) fn new(client: Client, grant: Grant) -> Self {
        Self { client, turn: Turn::default(), grant, asked_at: None, answer: None }
    }

    /// Goes on with what another flow has asked of the provider already.
    pub(super) fn continuing(mut self, turn: Turn) -> Self {
        self.turn = turn.restarted();
        self
    }

    fn request(&self, metadata: &Metadata) -> Request {
        let settings = self.client.settings();
        let uri = metadata.token_endpoint.clone();
        let mut form = url::form_urlencoded::Serializer::new(String::with_capacity(4096));
        self.grant.write(&mut form);
        let request = Request::new(settings, Endpoint::Token, Method::POST, uri);
        let request = match &settings.authentication {
            Authentication::Basic { header, .. } => request.with_authorization(header.clone()),
            Authentication::Post(secret) => {
                form.append_pair("client_id", &settings.client_id);
                form.append_pair("client_secret", secret.expose());
                request
            }
            Authentication::Public => {
                form.append_pair("client_id", &settings.client_id);
                request
            }
        };
        request.with_body("application/x-www-form-urlencoded", form.finish().into_bytes())
    }

    /// What the request holds that must not come back in an error.
    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.grant.secrets();
        match &self.client.settings().authentication {
            Authentication::Basic { header, secret } => {
                secrets.push(secret.clone());
                let encoded = header.to_str().unwrap_or_default().trim_start_matches("Basic ");
                secrets.push(encoded.into());
            }
            Authentication::Post(secret) => secrets.push(secret.clone()),
            Authentication::Public => {}
        }
        secrets
    }
}

impl Flow for TokenExchange {
    type Output = (Tokens, UserInfo);

    /// The keys come before the code is spent: a login that can't be checked is not begun.
    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<Self::Output>, Error> {
        if let Some(response) = self.turn.take(provider, input)? {
            let body = answer::body(Endpoint::Token, response, &self.secrets())?;
            self.answer = Some(TokenAnswer::parse(&body)?);
        }
        let metadata = met!(self.turn.metadata(&self.client, provider, now));
        let keys = met!(self.turn.keys(&self.client, metadata, provider, now));
        let Some(answer) = self.answer.take() else {
            let request = self.request(metadata);
            self.asked_at = Some(now);
            return Ok(self.turn.send(request));
        };
        let expected = Expected {
            issuer: &metadata.issuer,
            access_token: &answer.access_token,
            grant: &self.grant,
        };
        match id_token::verify(&answer.id_token, self.client.settings(), keys, now, &expected)? {
            Verdict::Verified(user) => {
                Ok(Step::Done((answer.into_tokens(self.asked_at.unwrap_or(now)), user)))
            }
            Verdict::UnknownKey(fault) => {
                match self.turn.refetch_keys(&self.client, metadata, provider, now)? {
                    Some(request) => {
                        self.answer = Some(answer);
                        Ok(Step::Send(request))
                    }
                    None => Err(Error::IdToken(fault.into())),
                }
            }
        }
    }
}
