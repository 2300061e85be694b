//! The whole loop, for a single owner: blocking and async.

use super::contract::{Flow, Input, Step};
use crate::{
    base::time::UnixTime,
    client::Client,
    error::{Error, transport::TransportError},
    http::{request::Request, response::Response},
    provider::Provider,
};

/// Drives a flow to its end, for one owner of client and provider: no other thread or task uses
/// them meanwhile.
///
/// `send` performs one request, without following a redirect and without sending anything twice,
/// and has a timeout of its own. `now` returns the time.
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
/// Where `send` is async, [`drive_async`] is the same loop.
///
/// # Errors
///
/// The error that ends the flow, or the failure of its own request.
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

/// As [`drive`], where `send` gives a future: for one owner on an async runtime, or in a browser.
///
/// It asks nothing of the runtime. Dropped halfway it leaves the provider as it was last written; a
/// request that was under way is then lost, and what became of a code or refresh token in it is
/// unknown.
///
/// ```
/// use fief_proto::{
///     Client, Error, Provider, TransportError, UnixTime, UserInfo,
///     flow::{Request, Response, drive_async},
/// };
///
/// async fn send(request: Request) -> Result<Response, TransportError> {
///     let request = request.into_http(); // for your HTTP client
///     # Ok(Response::new(request.into_body()))
/// }
///
/// async fn user(client: &Client, provider: &mut Provider) -> Result<UserInfo, Error> {
///     let now = || UnixTime::from_secs(1_790_000_000); // from your clock
///     drive_async(client.userinfo("ACCESS_TOKEN")?, client, provider, now, send).await
/// }
/// ```
///
/// # Errors
///
/// Whatever ends the flow, and the failure of its own request.
pub async fn drive_async<F: Flow, A>(
    mut flow: F,
    client: &Client,
    provider: &mut Provider,
    now: impl Fn() -> UnixTime,
    mut send: impl FnMut(Request) -> A,
) -> Result<F::Output, Error>
where
    A: Future<Output = Result<Response, TransportError>>,
{
    let mut input = Input::Go;
    loop {
        input = match flow.resume(provider, now(), input)? {
            Step::Done(output) => return Ok(output),
            Step::Send(request) => match request.ticket() {
                None => Input::Response(send(request).await?),
                Some(ticket) => {
                    let outcome = send(request).await;
                    client.learn(provider, ticket, now(), outcome);
                    Input::Go
                }
            },
        };
    }
}
