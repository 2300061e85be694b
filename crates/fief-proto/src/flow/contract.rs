//! The driving contract.

use std::fmt;

use crate::{
    base::time::UnixTime,
    error::Error,
    http::{request::Request, response::Response},
    provider::Provider,
};

/// One call to Fief as a state machine: it says what to send, and gets the answers.
///
/// > Begin with [`Input::Go`]. On [`Step::Send`], perform the request and resume. Stop at
/// > [`Step::Done`] or at an error; do not resume it after either.
///
/// - A request **without a ticket** is the flow's own: perform it exactly once and resume with
///   [`Input::Response`]. If it failed, drop the flow and report your transport error: what became
///   of a code or a refresh token is then unknown, and it must not be sent again.
/// - A request **with a [`Ticket`](super::Ticket)** fetches a document for all. Take the lock that
///   lets one caller fetch at a time (single flight), and load the provider afresh. If it has
///   [`settled`](Provider::settled) the ticket, send nothing. Else send, hand the response *or your
///   failure* to [`Client::learn`](crate::Client::learn), publish the provider and release the
///   lock. Then resume with [`Input::Go`], outside of the lock.
/// - Where the ticket is [optional](super::Ticket::is_optional), older keys are good enough: start
///   the fetch in the background, unless one is under way, and resume with [`Input::Skip`] at once.
///
/// A flow sends at most three requests: discovery, keys, its own. A breach of the contract ends it
/// with [`Error::Misuse`]; it never panics and never loops.
///
/// One owner of client and provider needs no lock; [`drive`](super::drive) is the whole loop then, and
/// [`drive_async`](super::drive_async) where requests are futures.
pub trait Flow {
    /// What the call returns.
    type Output;

    /// Goes on with what is known of the provider, the time, and what has happened.
    ///
    /// # Errors
    ///
    /// The error that ends the call; see [`Error`] for whose fault it is.
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
    /// The optional ticket was skipped, because the document is being fetched in the background.
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
