//! The end of the paved path.

use std::mem;

use super::{
    Flow, Input, Step, TokenExchange,
    turn::{Need, Turn},
};
use crate::{
    CallbackError, Client, CodeExchange, Error, PendingLogin, Provider, Secret, Tokens, UnixTime,
    UserInfo, callback::Callback, parameters::Grant,
};

/// Checks what the browser came back with, and exchanges the code; see [`Client::finish_login`] and
/// [`Client::finish_login_with_code`].
#[derive(Debug)]
#[must_use = "a flow does nothing until it is driven"]
pub struct FinishLogin {
    client: Client,
    turn: Turn,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The callback as it came.
    Arrived {
        pending: Box<PendingLogin>,
        callback: Secret,
    },
    /// A code that came alone.
    Pasted {
        pending: Box<PendingLogin>,
        code: Secret,
    },
    /// It answers this login; whether it is of this issuer is still to be seen.
    Answers {
        pending: Box<PendingLogin>,
        callback: Callback,
    },
    Exchange(Box<TokenExchange>),
    Over,
}

impl FinishLogin {
    pub(crate) fn new(client: Client, pending: PendingLogin, callback: &str) -> Self {
        let (pending, callback) = (Box::new(pending), callback.into());
        Self { client, turn: Turn::default(), stage: Stage::Arrived { pending, callback } }
    }

    pub(crate) fn with_code(client: Client, pending: PendingLogin, code: &str) -> Self {
        let (pending, code) = (Box::new(pending), code.trim().into());
        Self { client, turn: Turn::default(), stage: Stage::Pasted { pending, code } }
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
        self.turn.take(provider, input)?;
        // Whatever fails from here on ends the login: a state is used once.
        let leeway = self.client.settings().leeway;
        let (callback, pending) = match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Arrived { pending, callback } => {
                (Callback::check(callback.expose(), &pending, now, leeway)?, pending)
            }
            Stage::Pasted { pending, code } => {
                (Callback::check_code(code, &pending, now, leeway)?, pending)
            }
            Stage::Answers { pending, callback } => (callback, pending),
            Stage::Exchange(_) | Stage::Over => return Err(Error::Misuse("the flow is over")),
        };
        let metadata = match self.turn.metadata(&self.client, provider, now)? {
            Need::Met(metadata) => metadata,
            Need::Fetch(request) => {
                self.stage = Stage::Answers { pending, callback };
                return Ok(Step::Send(request));
            }
        };
        let code = callback.check_issuer(&pending, metadata).map_err(CallbackError::from)?;
        let exchange = CodeExchange::of_login(code, *pending)?;
        let mut exchange = TokenExchange::new(self.client.clone(), Grant::Code(exchange))
            .continuing(mem::take(&mut self.turn));
        let step = exchange.resume(provider, now, Input::Go);
        self.stage = Stage::Exchange(Box::new(exchange));
        step
    }
}
