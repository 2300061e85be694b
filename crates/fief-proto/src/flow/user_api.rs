//! The calls of the user API: one bearer request, one user in the answer.

use std::sync::Arc;

use http::Method;
use serde::Serialize;

use super::{
    contract::{Flow, Input, Step},
    turn::{Pause, Turn, step},
};
use crate::{
    base::{
        ascii::is_visible_ascii,
        secret::{Secret, TokenRef, Wiped},
        time::UnixTime,
    },
    claims::user_info::UserInfo,
    config::settings::Settings,
    error::{
        Error,
        local::ArgumentError,
        response::{ResponseError, ResponseFault},
    },
    http::{
        endpoint::Endpoint,
        request::Request,
        response::{self, Response},
    },
    provider::Provider,
};

/// Asks for a user's claims, or changes them; see
/// [`Client::userinfo`](crate::Client::userinfo) and its neighbours.
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct UserApi {
    settings: Arc<Settings>,
    turn: Turn,
    call: Call,
    token: Secret,
    /// The user the answer must be about, where the caller knows (OpenID Connect Core 5.3.2).
    subject: Option<String>,
}

/// What is called, and the JSON to send.
pub(crate) enum Call {
    Userinfo,
    Update { endpoint: Endpoint, method: Method, path: &'static str, body: Wiped },
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.endpoint().fmt(f)
    }
}

impl Call {
    /// A call that sends `data` as JSON, which is about so many bytes long.
    pub(crate) fn update(
        endpoint: Endpoint,
        method: Method,
        path: &'static str,
        data: &impl Serialize,
        size: usize,
    ) -> Result<Self, ArgumentError> {
        // Long enough from the start, every character escaped: a buffer that grows would leave
        // copies of a password behind.
        let mut body = Wiped::from(Vec::with_capacity(6 * size + 64));
        serde_json::to_writer(&mut *body, data)
            .map_err(|_| ArgumentError::new("data", "can't be written as JSON"))?;
        Ok(Self::Update { endpoint, method, path, body })
    }

    fn endpoint(&self) -> Endpoint {
        match self {
            Self::Userinfo => Endpoint::Userinfo,
            Self::Update { endpoint, .. } => *endpoint,
        }
    }
}

impl UserApi {
    pub(crate) fn new(
        settings: Arc<Settings>,
        token: TokenRef<'_>,
        call: Call,
    ) -> Result<Self, Error> {
        let token = token.expose();
        if !is_visible_ascii(token) {
            return Err(ArgumentError::new("access_token", "is empty or not visible ASCII").into());
        }
        Ok(Self { settings, turn: Turn::default(), call, token: token.into(), subject: None })
    }

    pub(crate) fn of_subject(mut self, subject: String) -> Self {
        self.subject = Some(subject);
        self
    }

    fn run(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        response: Option<Response>,
    ) -> Result<UserInfo, Pause> {
        if let Some(response) = response {
            return Ok(self.read(response)?);
        }
        let settings = &*self.settings;
        let request = match &mut self.call {
            Call::Userinfo => {
                let metadata = self.turn.metadata(&self.settings, provider, now)?;
                let uri = settings.base.uri(&metadata.userinfo_endpoint);
                Request::new(settings, Endpoint::Userinfo, Method::GET, uri)
            }
            Call::Update { endpoint, method, path, body } => {
                let path = settings
                    .base
                    .own_path(path)
                    .ok_or(Error::Misuse("a base URL that was not checked"))?;
                Request::new(settings, *endpoint, method.clone(), settings.base.uri(&path))
                    .with_body("application/json", std::mem::take(&mut **body))
            }
        };
        let request = request.with_bearer((&self.token).into())?;
        Err(self.turn.send(request))
    }

    fn read(&self, response: Response) -> Result<UserInfo, Error> {
        let endpoint = self.call.endpoint();
        let body = response::body(endpoint, response)?;
        let user = UserInfo::parse(&body)
            .map_err(|error| ResponseError::new(endpoint, ResponseFault::Json(error)))?;
        if self.subject.as_ref().is_some_and(|subject| *subject != user.sub) {
            return Err(ResponseError::new(endpoint, ResponseFault::WrongSubject).into());
        }
        Ok(user)
    }
}

impl Flow for UserApi {
    type Output = UserInfo;

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<UserInfo>, Error> {
        let response = self.turn.accept(provider, input)?;
        step(self.run(provider, now, response))
    }
}
