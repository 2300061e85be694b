//! What a runner must be able to do: every operation of the client.

mod by_hand;
mod failure;
mod hyper;
mod stage;
mod values;

#[path = "ureq.rs"]
mod blocking;

use std::error::Error;
use std::fmt;

use fief_proto::{
    AccessTokenInfo, AuthorizationRequest, CodeExchange, LoginRedirect, PendingLogin,
    RefreshRequest, Request, Requirements, Response, Tokens, UserInfo, WebhookEvent,
};
use http::HeaderMap;
use serde_json::Value;

use crate::format::Fault;
use crate::script::{Answer, Script, Seen};

pub use self::blocking::Ureq;
pub use self::by_hand::ByHand;
pub use self::failure::Failure;
pub use self::hyper::Hyper;
pub use self::stage::{Clock, Stage};
pub(crate) use self::values::perform;

/// The outcome of a call.
pub type Outcome<T> = Result<T, Failure>;

/// A way to drive the client. An operation that is not here does not compile.
#[allow(missing_docs, clippy::missing_errors_doc)] // Named as the client's methods.
pub trait Runner: Sized {
    /// The name of the runner.
    const NAME: &'static str;
    /// Whether requests with the transport `socket` really go through one.
    const HAS_SOCKETS: bool;

    /// Builds the client.
    fn start(stage: &Stage) -> Outcome<Self>;

    fn auth_callback(&self, exchange: CodeExchange) -> Outcome<(Tokens, UserInfo)>;
    fn auth_refresh_token(&self, request: RefreshRequest) -> Outcome<(Tokens, UserInfo)>;
    fn auth_url(&self, request: AuthorizationRequest) -> Outcome<String>;
    fn change_password(&self, token: &str, password: &str) -> Outcome<UserInfo>;
    fn email_change(&self, token: &str, email: &str) -> Outcome<UserInfo>;
    fn email_verify(&self, token: &str, code: &str) -> Outcome<UserInfo>;
    fn finish_login(&self, pending: PendingLogin, callback: &str) -> Outcome<(Tokens, UserInfo)>;
    fn finish_login_with_code(
        &self,
        pending: PendingLogin,
        code: &str,
    ) -> Outcome<(Tokens, UserInfo)>;
    fn login(&self, request: AuthorizationRequest, entropy: &[u8; 96]) -> Outcome<LoginRedirect>;
    fn logout_url(&self, redirect_uri: &str) -> Outcome<String>;
    fn update_profile(&self, token: &str, data: &Value) -> Outcome<UserInfo>;
    fn userinfo(&self, token: &str) -> Outcome<UserInfo>;
    fn userinfo_of(&self, token: &str, subject: &str) -> Outcome<UserInfo>;
    fn validate_access_token(
        &self,
        token: &str,
        requirements: &Requirements,
    ) -> Outcome<AccessTokenInfo>;

    fn verify_webhook(
        &self,
        secret: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Outcome<WebhookEvent>;
}

/// Answers a request from the script, without a socket.
///
/// # Errors
/// The fault that the script has in the place of an answer.
pub(crate) fn answer(
    script: &Script,
    origin: &str,
    request: &Request,
) -> Result<Response, ScriptedFault> {
    let http = request.http();
    let uri = http.uri();
    let sent_to = stage::origin(&uri.to_string());
    if sent_to != origin {
        script.complain(format!("a request goes to {sent_to} instead of {origin}"));
    }
    for value in http.headers().get_all(http::header::AUTHORIZATION) {
        if !value.is_sensitive() {
            script.complain("the header `authorization` is not marked sensitive".into());
        }
    }
    let headers = http.headers().iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let seen = Seen {
        method: http.method().to_string(),
        target: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: headers.collect(),
        body: http.body().clone(),
    };
    match script.answer(&seen) {
        Answer::Fault(fault) => Err(ScriptedFault(fault)),
        Answer::Response(reply) => {
            let mut response = Response::new(reply.body);
            *response.status_mut() = reply.status.try_into().unwrap_or_default();
            for (name, value) in reply.headers {
                if let (Ok(name), Ok(value)) =
                    (http::HeaderName::try_from(name), http::HeaderValue::try_from(value))
                {
                    response.headers_mut().append(name, value);
                }
            }
            Ok(response)
        }
    }
}

/// A fault of the script, as a driver would report it.
#[derive(Clone, Copy, Debug)]
pub struct ScriptedFault(pub Fault);

impl fmt::Display for ScriptedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scripted: {:?}", self.0)
    }
}

impl Error for ScriptedFault {}
