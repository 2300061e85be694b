//! One flow under way, and the model of its contract: it asks for each document at most once and
//! sends its own request once, which are at most three requests.

use std::{fmt::Debug, io};

use arbitrary::Arbitrary;
use fief_proto::{
    Endpoint, Error, Provider, TransportError, TransportErrorKind, UnixTime,
    flow::{Flow, Input, Request, Response, Step, Ticket},
};

use super::{
    answer::{Answer, Asked},
    operation::Allowed,
    output::Output,
    place::Place,
};
use crate::{secrets, world};

/// A flow, with any output.
pub trait Machine: Debug {
    fn advance(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Advance, Error>;
}

pub enum Advance {
    Send(Request),
    Done(Box<dyn Output>),
}

impl<F> Machine for F
where
    F: Flow + Debug,
    F::Output: Output + 'static,
{
    fn advance(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Advance, Error> {
        self.resume(provider, now, input).map(|step| match step {
            Step::Send(request) => Advance::Send(request),
            Step::Done(output) => Advance::Done(Box::new(output)),
        })
    }
}

#[derive(Arbitrary, Debug)]
pub enum Resumption {
    Go,
    Skip,
    Response(Answer),
}

impl Resumption {
    pub fn input(&self, serve: impl FnOnce(&Answer) -> Response) -> Input {
        match self {
            Self::Go => Input::Go,
            Self::Skip => Input::Skip,
            Self::Response(answer) => Input::Response(serve(answer)),
        }
    }
}

/// What a flow awaits, as the driver sees it.
#[derive(Clone, Copy)]
enum Awaits {
    Start,
    Shared(Ticket),
    Own,
    Nothing,
}

pub struct Call<'a> {
    place: Place,
    flow: Box<dyn Machine + 'a>,
    allowed: Allowed,
    awaits: Awaits,
    /// What was asked for and settled, asked for and skipped, and sent as the flow's own request.
    settled: Vec<Endpoint>,
    skipped: Vec<Endpoint>,
    own: usize,
    answered: bool,
    /// The secrets in its own request.
    sent: Vec<&'static str>,
}

impl<'a> Call<'a> {
    pub fn new(place: Place, allowed: Allowed, flow: Box<dyn Machine + 'a>) -> Self {
        Self {
            place,
            flow,
            allowed,
            awaits: Awaits::Start,
            settled: Vec::new(),
            skipped: Vec::new(),
            own: 0,
            answered: false,
            sent: Vec::new(),
        }
    }

    /// The endpoint of the request under way, and the secrets in it.
    pub fn asked(&self) -> Asked {
        let (endpoint, secrets) = match self.awaits {
            Awaits::Start | Awaits::Nothing => (None, Vec::new()),
            Awaits::Shared(ticket) => (Some(ticket.endpoint()), Vec::new()),
            Awaits::Own => (self.allowed.own, self.sent.clone()),
        };
        Asked { endpoint, secrets }
    }

    /// What a good driver does.
    pub fn proceed(&mut self, provider: &mut Provider, now: UnixTime, answer: Response) {
        let input = match self.awaits {
            Awaits::Start => Input::Go,
            Awaits::Shared(ticket) => {
                if !provider.settled(&ticket) {
                    self.learn(provider, now, Some(answer));
                    assert!(provider.settled(&ticket), "what was learned does not count");
                }
                Input::Go
            }
            Awaits::Own => Input::Response(answer),
            Awaits::Nothing => return,
        };
        self.resume(provider, now, input);
    }

    /// The shared fetch that this flow awaits has ended.
    pub fn learn(&mut self, provider: &mut Provider, now: UnixTime, answer: Option<Response>) {
        let Awaits::Shared(ticket) = self.awaits else { return };
        let failed = || {
            TransportError::new(TransportErrorKind::Io, "fief.example")
                .because(io::Error::from(io::ErrorKind::ConnectionReset))
        };
        self.place.client().learn(provider, ticket, now, answer.ok_or_else(failed));
    }

    /// Resumes the flow with any input, whether it keeps the contract or breaks it.
    pub fn resume(&mut self, provider: &Provider, now: UnixTime, input: Input) {
        let awaited = self.awaits;
        let is_kept = self.keeps_contract(provider, &input);
        if is_kept {
            self.note(awaited, &input);
        }
        let outcome = self.flow.advance(provider, now, input);
        secrets::check_text(&format!("{:?}", self.flow));
        self.awaits = Awaits::Nothing;
        match outcome {
            Ok(_) if !is_kept => panic!("a breach was not noticed"),
            Ok(Advance::Send(request)) => self.check_request(provider, &request),
            Ok(Advance::Done(output)) => {
                output.check(self.allowed.nonce);
                assert_eq!(self.own == 1, self.allowed.own.is_some(), "done without asking");
                assert_eq!(self.answered, self.allowed.own.is_some());
            }
            Err(error) => {
                assert_eq!(matches!(error, Error::Misuse(_)), !is_kept, "{error:?}");
                secrets::check_error(&error);
            }
        }
    }

    fn keeps_contract(&self, provider: &Provider, input: &Input) -> bool {
        match (self.awaits, input) {
            (Awaits::Start, Input::Go) | (Awaits::Own, Input::Response(_)) => true,
            (Awaits::Shared(ticket), Input::Go) => provider.settled(&ticket),
            (Awaits::Shared(ticket), Input::Skip) => ticket.is_optional(),
            _ => false,
        }
    }

    fn note(&mut self, awaited: Awaits, input: &Input) {
        match (awaited, input) {
            (Awaits::Shared(ticket), Input::Go) => self.settled.push(ticket.endpoint()),
            (Awaits::Shared(ticket), _) => self.skipped.push(ticket.endpoint()),
            (Awaits::Own, _) => self.answered = true,
            _ => {}
        }
    }

    fn check_request(&mut self, provider: &Provider, request: &Request) {
        world::check_request(request, self.place.base());
        let endpoint = request.endpoint();
        match request.ticket() {
            Some(ticket) => {
                assert_eq!(ticket.endpoint(), endpoint);
                assert!(!provider.settled(&ticket), "settled before it was asked");
                assert!(!self.settled.contains(&endpoint), "asked again what was settled");
                let is_again = self.skipped.contains(&endpoint);
                assert!(!is_again || !ticket.is_optional(), "asked again what was left aside");
                let is_allowed = match endpoint {
                    Endpoint::Discovery => self.allowed.discovery,
                    _ => self.allowed.keys,
                };
                assert!(is_allowed, "{endpoint} is not needed");
                self.awaits = Awaits::Shared(ticket);
            }
            None => {
                assert_eq!(Some(endpoint), self.allowed.own);
                self.own += 1;
                assert_eq!(self.own, 1, "its own request twice");
                self.sent = secrets::sent_in(request);
                let drawn = self.sent.iter().copied().filter(|it| secrets::DRAWN.contains(it));
                assert!(drawn.eq(self.allowed.verifier), "{:?} was sent", self.sent);
                self.awaits = Awaits::Own;
            }
        }
    }

    /// After its end, the flow must refuse every input.
    pub fn check_end(&mut self, provider: &Provider, now: UnixTime) {
        if !matches!(self.awaits, Awaits::Nothing) {
            return;
        }
        for input in [Input::Go, Input::Skip, Input::Response(Response::default())] {
            self.resume(provider, now, input);
        }
    }
}
