//! The end of a login: from the callback to tokens.

use std::{mem, sync::Arc};

use super::{
    contract::{Flow, Input, Step},
    token_request::TokenRequest,
    turn::{Pause, Turn, step},
};
use crate::{
    base::{secret::Secret, time::UnixTime},
    claims::user_info::UserInfo,
    config::settings::Settings,
    error::{Error, callback::CallbackError},
    oauth::{
        callback::Callback,
        grant::{CodeExchange, Grant},
        pending_login::PendingLogin,
        tokens::Tokens,
    },
    provider::Provider,
};

/// Checks what the browser came back with, and exchanges the code; see
/// [`Client::finish_login`](crate::Client::finish_login) and
/// [`Client::finish_login_with_code`](crate::Client::finish_login_with_code).
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct FinishLogin {
    settings: Arc<Settings>,
    turn: Turn,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// What the browser came back with, as it is.
    Arrived {
        pending: Box<PendingLogin>,
        callback: Arrival,
    },
    /// It answers this login; whether it is of this issuer is still to be seen.
    Answers {
        pending: Box<PendingLogin>,
        callback: Callback,
    },
    Exchange(Box<TokenRequest>),
    Over,
}

#[derive(Debug)]
enum Arrival {
    Callback(Secret),
    /// A code that came alone.
    Code(Secret),
}

impl FinishLogin {
    pub(crate) fn new(settings: Arc<Settings>, pending: PendingLogin, callback: &str) -> Self {
        Self::arrived(settings, pending, Arrival::Callback(callback.into()))
    }

    pub(crate) fn with_code(settings: Arc<Settings>, pending: PendingLogin, code: &str) -> Self {
        Self::arrived(settings, pending, Arrival::Code(code.trim().into()))
    }

    fn arrived(settings: Arc<Settings>, pending: PendingLogin, callback: Arrival) -> Self {
        let pending = Box::new(pending);
        Self { settings, turn: Turn::default(), stage: Stage::Arrived { pending, callback } }
    }

    /// Any failure here ends the login, because a state is used once.
    fn begin_exchange(
        &mut self,
        provider: &Provider,
        now: UnixTime,
    ) -> Result<Box<TokenRequest>, Pause> {
        let leeway = self.settings.leeway;
        let (pending, callback) = match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Arrived { pending, callback } => {
                let callback = match callback {
                    Arrival::Callback(callback) => {
                        Callback::check(callback.expose(), &pending, now, leeway)?
                    }
                    Arrival::Code(code) => Callback::check_code(code, &pending, now, leeway)?,
                };
                (pending, callback)
            }
            Stage::Answers { pending, callback } => (pending, callback),
            Stage::Exchange(_) | Stage::Over => {
                return Err(Error::Misuse("the flow is over").into());
            }
        };
        let metadata = match self.turn.metadata(&self.settings, provider, now) {
            Ok(metadata) => metadata,
            Err(pause) => {
                self.stage = Stage::Answers { pending, callback };
                return Err(pause);
            }
        };
        let code = callback.check_issuer(&pending, metadata).map_err(CallbackError::from)?;
        let grant = Grant::Code(CodeExchange::of_login(code, *pending)?);
        let turn = mem::take(&mut self.turn);
        Ok(Box::new(TokenRequest::new(Arc::clone(&self.settings), grant).continuing(turn)))
    }
}

impl Flow for FinishLogin {
    type Output = (Tokens, UserInfo);

    fn resume(
        &mut self,
        provider: &Provider,
        now: UnixTime,
        input: Input,
    ) -> Result<Step<Self::Output>, Error> {
        if let Stage::Exchange(exchange) = &mut self.stage {
            return exchange.resume(provider, now, input);
        }
        self.turn.accept(provider, input)?;
        match self.begin_exchange(provider, now) {
            Ok(mut exchange) => {
                let step = exchange.resume(provider, now, Input::Go);
                self.stage = Stage::Exchange(exchange);
                step
            }
            Err(pause) => step(Err(pause)),
        }
    }
}
