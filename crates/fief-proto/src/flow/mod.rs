//! Driving: the contract, a loop that follows it, and the flows.
//!
//! Most programs need none of this: drivers do it for them. Those with a runtime of their own find
//! here what a [`Client`] hands out and how to bring it to its end.

mod finish_login;
mod login;
mod token_request;
mod turn;
mod user_api;
mod validate;

use std::fmt;

pub use self::{
    finish_login::FinishLogin,
    login::{AuthUrl, Login, LoginRedirect},
    token_request::TokenRequest,
    user_api::UserApi,
    validate::{ValidateAccessToken, ValidateIdToken},
};
pub(crate) use self::{turn::fresh, user_api::Call};
use crate::{
    base::time::UnixTime,
    client::Client,
    error::{Error, TransportError},
    provider::Provider,
};
pub use crate::{
    http::{request::Request, response::Response},
    provider::Ticket,
};

/// One call to Fief as a machine: it says what to send, and is told what came back.
///
/// > Begin with [`Input::Go`]. On [`Step::Send`], perform the request and resume. Stop at
/// > [`Step::Done`] or at an error; nothing may follow either.
///
/// - A request **without a ticket** is the flow's own: perform it exactly once and resume with
///   [`Input::Response`]. If it failed, drop the flow and report your transport error: what became
///   of a code or a refresh token is then unknown, and it must not be sent again.
/// - A request **with a [`Ticket`]** fetches a document for all. Take your flight lock and load the
///   provider afresh. If it has [`settled`](Provider::settled) the ticket, send nothing. Else send,
///   hand the response *or your failure* to [`Client::learn`], publish the provider and release the
///   lock. Then resume with [`Input::Go`], outside of the lock.
/// - Where the ticket is [optional](Ticket::is_optional), older keys are good enough: start the
///   fetch beside, unless one is under way, and resume with [`Input::Skip`] at once.
///
/// A flow sends at most three requests: discovery, keys, its own. A breach of the contract ends it
/// with [`Error::Misuse`]; it never panics and never loops.
///
/// One owner of client and provider needs no lock; [`drive`] is the whole loop then.
pub trait Flow {
    /// What the call gives.
    type Output;

    /// Goes on with what is known of the provider, the time, and what has happened.
    ///
    /// # Errors
    ///
    /// Whatever ends the call; see [`Error`] for whose fault it is.
    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<Self::Output>, Error>;
}

impl<F: Flow + ?Sized> Flow for &mut F {
    type Output = F::Output;

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<F::Output>, Error> {
        (**self).resume(provider, now, input)
    }
}

/// What has happened since the last step.
pub enum Input {
    /// Nothing yet; or the ticket was settled.
    Go,
    /// The optional ticket was left aside, because the document is being fetched beside.
    Skip,
    /// The answer to the flow's own request.
    Response(Response),
}

impl fmt::Debug for Input {
    /// Without the body, which may hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Go => f.write_str("Go"),
            Self::Skip => f.write_str("Skip"),
            Self::Response(response) => write!(f, "Response({})", response.status().as_u16()),
        }
    }
}

/// What is to be done now.
#[derive(Debug)]
pub enum Step<T> {
    /// Perform this request, then resume.
    Send(Request),
    /// The call is over.
    Done(T),
}

/// Drives a flow to its end, for one owner of client and provider: no other thread or task uses
/// them meanwhile.
///
/// `send` performs one request, without following a redirect and without sending anything twice,
/// and ends in a time of its own. `now` tells the time.
///
/// ```
/// use fief_proto::{
///     Config, Provider, TransportError, TransportErrorKind, UnixTime,
///     flow::{Request, Response, drive},
/// };
///
/// fn send(request: Request) -> Result<Response, TransportError> {
///     let request = request.into_http(); // for your HTTP client
///     let host = request.uri().host().unwrap_or_default();
///     Err(TransportError::new(TransportErrorKind::Connect, host))
/// }
///
/// let client = Config::new("https://example.fief.dev", "CLIENT_ID").build()?;
/// let mut provider = Provider::default(); // keep it: it remembers the keys
/// let now = || UnixTime::from_secs(1_790_000_000); // from your clock
/// let outcome = drive(client.userinfo("ACCESS_TOKEN")?, &client, &mut provider, now, send);
/// assert_eq!(outcome.unwrap_err().kind(), "transport");
/// # Ok::<(), fief_proto::Error>(())
/// ```
///
/// An async driver is the same loop with an `.await` behind `send`.
///
/// # Errors
///
/// Whatever ends the flow, and the failure of its own request.
pub fn drive<F: Flow>(
    mut flow: F,
    client: &Client,
    provider: &mut Provider,
    now: impl Fn() -> UnixTime,
    mut send: impl FnMut(Request) -> Result<Response, TransportError>,
) -> Result<F::Output, Error> {
    let mut input = Input::Go;
    loop {
        input = match flow.resume(provider, now(), input)? {
            Step::Done(output) => return Ok(output),
            Step::Send(request) => match request.ticket() {
                None => Input::Response(send(request)?),
                Some(ticket) => {
                    let outcome = send(request);
                    client.learn(provider, ticket, now(), outcome);
                    Input::Go
                }
            },
        };
    }
}
