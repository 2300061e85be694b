//! What a caller wants of the client: one of its operations, with any result.

use std::fmt;

use fief_proto::{
    Client, CodeExchange, Endpoint, Error, Requirements, UnixTime,
    flow::{Flow, Input, Login, Step, Ticket, TokenRequest, UserApi, ValidateAccessToken},
};

use crate::{
    client::Known,
    common::REDIRECT_URI,
    schedule::Random,
    server::{Maker, Token},
};

/// What a flow is about.
#[derive(Clone, Copy, Debug)]
pub struct Errand {
    pub needs_keys: bool,
    /// Its own request, and whether that was answered.
    pub own: Option<Endpoint>,
    pub answered: bool,
    /// Whose token it checks in the end.
    pub maker: Option<Maker>,
    pub is_refresh: bool,
}

pub enum Call<'w> {
    Validate(ValidateAccessToken<'w>),
    Exchange(TokenRequest),
    Userinfo(UserApi),
    Login(Login),
}

impl<'w> Call<'w> {
    /// One of the operations, by chance; mostly the one that programs call most.
    pub fn begin(
        client: &'w Client,
        token: &'w Token,
        requirements: &'w Requirements,
        random: &mut Random,
    ) -> (Self, Errand) {
        let mut is_refresh = false;
        let (flow, needs_keys, own, maker) = match random.below(10) {
            0 => (Call::Login(client.login(REDIRECT_URI, &[7; 96]).unwrap()), false, None, None),
            1 => {
                let flow = client.userinfo("token").unwrap();
                (Call::Userinfo(flow), false, Some(Endpoint::Userinfo), None)
            }
            2 => {
                let exchange = CodeExchange::new("code", REDIRECT_URI);
                let flow = client.auth_callback(exchange).unwrap();
                (Call::Exchange(flow), true, Some(Endpoint::Token), None)
            }
            3 => {
                let flow = client.auth_refresh_token("refresh").unwrap();
                is_refresh = true;
                (Call::Exchange(flow), true, Some(Endpoint::Token), None)
            }
            _ => {
                let flow = client.validate_access_token(&token.string, requirements);
                (Call::Validate(flow), true, None, Some(token.maker))
            }
        };
        (flow, Errand { needs_keys, own, answered: false, maker, is_refresh })
    }

    pub fn resume(&mut self, known: &Known, now: UnixTime, input: Input) -> Result<Next, Error> {
        let provider = &known.provider;
        match self {
            Self::Validate(flow) => flow.resume(provider, now, input).map(Next::of),
            Self::Exchange(flow) => flow.resume(provider, now, input).map(Next::of),
            Self::Userinfo(flow) => flow.resume(provider, now, input).map(Next::of),
            Self::Login(flow) => flow.resume(provider, now, input).map(Next::of),
        }
    }
}

/// A step, with any output.
#[derive(Debug)]
pub enum Next {
    Ask(Endpoint, Option<Ticket>),
    Done,
}

impl Next {
    fn of<T: fmt::Debug>(step: Step<T>) -> Self {
        match step {
            Step::Send(request) => Self::Ask(request.endpoint(), request.ticket()),
            Step::Done(_) => Self::Done,
        }
    }
}
