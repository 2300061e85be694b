//! Drives one flow by the contract, and checks what must hold for every flow.

use std::fmt::Debug;

use fief_proto::{
    Client, Endpoint, Error, Provider, UnixTime,
    flow::{Flow, Input, Request, Response, Step},
};

use crate::{secrets, world};

/// How a call has ended, and what was asked for it.
pub struct Outcome<T> {
    pub result: Result<T, Error>,
    pub asked: Vec<Endpoint>,
}

/// Drives a flow at one moment. `answer` stands in for the server.
pub fn drive<F: Flow + Debug>(
    client: &Client,
    base: &str,
    provider: &mut Provider,
    now: UnixTime,
    mut flow: F,
    mut answer: impl FnMut(&Request) -> Response,
) -> Outcome<F::Output> {
    let mut asked = Vec::new();
    let mut input = Input::Go;
    let result = loop {
        secrets::check_debug(&flow);
        let request = match flow.resume(provider, now, input) {
            Ok(Step::Send(request)) => request,
            Ok(Step::Done(output)) => break Ok(output),
            Err(error) => {
                secrets::check_error(&error);
                break Err(error);
            }
        };
        world::check_request(&request, base);
        assert!(!asked.contains(&request.endpoint()), "asked twice: {request:?} after {asked:?}");
        asked.push(request.endpoint());
        assert!(asked.len() <= 3, "more than three requests: {asked:?}");
        let response = answer(&request);
        input = match request.ticket() {
            Some(ticket) => {
                client.learn(provider, ticket, now, Ok(response));
                assert!(provider.settled(&ticket));
                secrets::check_debug(provider);
                Input::Go
            }
            None => Input::Response(response),
        };
    };
    assert!(!matches!(result, Err(Error::Misuse(_))), "the contract was kept");
    let again = flow.resume(provider, now, Input::Go);
    assert!(matches!(again, Err(Error::Misuse(_))), "nothing follows the end");
    Outcome { result, asked }
}

/// Drives a flow of the usual client, which knows the server, and answers its own request with
/// `response`.
pub fn answered<F: Flow + Debug>(flow: F, response: &Response) -> Result<F::Output, Error> {
    answered_for(&world::CLIENT, flow, response)
}

/// As [`answered`], for this client of the same server.
pub fn answered_for<F: Flow + Debug>(
    client: &Client,
    flow: F,
    response: &Response,
) -> Result<F::Output, Error> {
    let mut provider = world::PROVIDER.clone();
    let outcome = drive(client, world::BASE, &mut provider, world::NOW, flow, |request| {
        match request.endpoint() {
            Endpoint::Discovery => Response::new(world::discovery(world::BASE)),
            Endpoint::Keys => Response::new(world::keys(&["first"])),
            _ => response.clone(),
        }
    });
    outcome.result
}
