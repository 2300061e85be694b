//! The whole loop, for a single owner.

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
/// An async driver is the same loop with an `.await` behind `send`.
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
