//! The calls of the user API: one bearer request, one user in the answer.

use http::{HeaderValue, Method};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    Flow, Input, Step,
    turn::{Turn, met},
};
use crate::{
    ArgumentError, Client, Endpoint, Error, Provider, Request, ResponseError, Secret, UnixTime,
    UserInfo, answer, ascii::is_visible_ascii, error::ResponseFault,
};

/// Asks for a user's claims, or changes them; see [`Client::userinfo`] and its neighbours.
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct UserRequest {
    client: Client,
    turn: Turn,
    call: Call,
    token: Secret,
    /// The user the answer must be about, where the caller knows (OpenID Connect Core 5.3.2).
    subject: Option<String>,
}

/// What is called, and the JSON to send.
pub(crate) enum Call {
    Userinfo,
    Update {
        endpoint: Endpoint,
        method: Method,
        path: &'static str,
        body: Zeroizing<Vec<u8>>,
        /// What of the body must not come back in an error.
        secrets: Vec<Secret>,
    },
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.endpoint().fmt(f)
    }
}

impl Call {
    pub(crate) fn profile(data: &Value) -> Self {
        Self::update(Endpoint::Profile, Method::PATCH, "/api/profile", data, Vec::new())
    }

    pub(crate) fn password(password: &str) -> Self {
        let data = serde_json::json!({ "password": password });
        let secrets = vec![password.into()];
        Self::update(Endpoint::Password, Method::PATCH, "/api/password", &data, secrets)
    }

    pub(crate) fn email_change(email: &str) -> Self {
        let data = serde_json::json!({ "email": email });
        let (endpoint, method) = (Endpoint::EmailChange, Method::PATCH);
        Self::update(endpoint, method, "/api/email/change", &data, Vec::new())
    }

    pub(crate) fn email_verify(code: &str) -> Self {
        let data = serde_json::json!({ "code": code });
        let (endpoint, method) = (Endpoint::EmailVerify, Method::POST);
        Self::update(endpoint, method, "/api/email/verify", &data, vec![code.into()])
    }

    fn update(
        endpoint: Endpoint,
        method: Method,
        path: &'static str,
        data: &Value,
        secrets: Vec<Secret>,
    ) -> Self {
        Self::Update {
            endpoint,
            method,
            path,
            body: Zeroizing::new(data.to_string().into_bytes()),
            secrets,
        }
    }

    fn endpoint(&self) -> Endpoint {
        match self {
            Self::Userinfo => Endpoint::Userinfo,
            Self::Update { endpoint, .. } => *endpoint,
        }
    }
}

impl UserRequest {
    pub(crate) fn new(client: Client, token: &str, call: Call) -> Result<Self, Error> {
        if !is_visible_ascii(token) {
            return Err(ArgumentError::new("access_token", "is empty or not visible ASCII").into());
        }
        Ok(Self { client, turn: Turn::default(), call, token: token.into(), subject: None })
    }

    pub(crate) fn of_subject(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned());
        self
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = match &self.call {
            Call::Userinfo => Vec::new(),
            Call::Update { secrets, .. } => secrets.clone(),
        };
        secrets.push(self.token.clone());
        secrets
    }

    fn read(&self, response: crate::Response) -> Result<UserInfo, Error> {
        let endpoint = self.call.endpoint();
        let body = answer::body(endpoint, response, &self.secrets())?;
        let user = UserInfo::parse(&body)
            .map_err(|error| ResponseError::new(endpoint, ResponseFault::Json(error)))?;
        if self.subject.as_ref().is_some_and(|subject| *subject != user.sub) {
            return Err(ResponseError::new(endpoint, ResponseFault::WrongSubject).into());
        }
        Ok(user)
    }
}

impl Flow for UserRequest {
    type Output = UserInfo;

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<UserInfo>, Error> {
        if let Some(response) = self.turn.take(provider, input)? {
            return self.read(response).map(Step::Done);
        }
        let settings = self.client.settings();
        let request = match &mut self.call {
            Call::Userinfo => {
                let metadata = met!(self.turn.metadata(&self.client, provider, now));
                let uri = metadata.userinfo_endpoint.clone();
                Request::new(settings, Endpoint::Userinfo, Method::GET, uri)
            }
            Call::Update { endpoint, method, path, body, .. } => {
                let uri = settings
                    .base
                    .endpoint(path)
                    .map_err(|()| Error::Misuse("a base URL that was not checked"))?;
                Request::new(settings, *endpoint, method.clone(), uri)
                    .with_body("application/json", std::mem::take(&mut **body))
            }
        };
        let bearer = Secret::from(["Bearer ", self.token.expose()].concat());
        let bearer = HeaderValue::from_str(bearer.expose())
            .map_err(|_| ArgumentError::new("access_token", "is not visible ASCII"))?;
        Ok(self.turn.send(request.with_authorization(bearer)))
    }
}
