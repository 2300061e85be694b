//! Scenarios: any sequence of calls, moments, answers and resumptions, and what must hold in each.
//!
//! ```text
//!   Scenario ──▶ place (which client), tokens, moves
//!   Move     ──▶ begin an operation │ resume a flow, rightly or wrongly │ learn │ clock
//!   Call     ──▶ one flow and the model of its contract: what it awaits, what it has asked for
//! ```

mod answer;
mod call;
mod memory;
mod operation;
mod output;
mod place;
mod token;

use arbitrary::Arbitrary;
use fief_proto::{Provider, UnixTime};

use self::{
    answer::{Answer, Keys},
    call::{Call, Resumption},
    memory::Memory,
    operation::{Operation, requirements},
    place::Place,
    token::Token,
};
use crate::{secrets, world};

/// How many moves are played, and how many flows are under way at once.
const MOST_MOVES: usize = 40;
const MOST_CALLS: usize = 6;

#[derive(Arbitrary, Debug)]
pub struct Scenario {
    place: Place,
    knows_server: bool,
    tokens: [Token; 3],
    moves: Vec<Move>,
}

#[derive(Arbitrary, Debug)]
enum Move {
    Begin(Operation),
    /// What a correct driver does next for a flow, with a correct server.
    Serve {
        call: u8,
        token: u8,
        keys: Keys,
    },
    /// What a correct driver does next for a flow, with any server.
    Proceed {
        call: u8,
        answer: Answer,
    },
    /// Anything that a driver may do.
    Resume {
        call: u8,
        with: Resumption,
    },
    /// A shared fetch ends, with an answer or without, whether it is still awaited or not.
    Learn {
        call: u8,
        answer: Option<Answer>,
    },
    /// A token is validated with a memory of verified tokens at hand.
    Recall {
        token: u8,
        requirements: u8,
    },
    Clock(Moment),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Moment {
    Later(u16),
    Days(u8),
    Earlier(u16),
    Start,
    At(i64),
}

/// Plays a scenario. Panics if a promise is broken.
pub fn play(scenario: &Scenario) {
    let place = scenario.place;
    let mut now = world::NOW;
    let tokens: Vec<String> = scenario.tokens.iter().map(|token| token.text(place)).collect();
    let mut provider = if scenario.knows_server { place.provider() } else { Provider::default() };
    let mut memory = Memory::new(place);
    let mut calls: Vec<Call<'_>> = Vec::new();
    for next in scenario.moves.iter().take(MOST_MOVES) {
        match next {
            Move::Begin(operation) => {
                if let Some(call) = operation.begin(place, &tokens, now) {
                    calls.truncate(MOST_CALLS - 1);
                    calls.insert(0, call);
                }
            }
            Move::Serve { call, token, keys } => {
                if let Some(call) = pick(&mut calls, *call) {
                    let asked = call.asked();
                    let answer =
                        answer::right_answer(place, &tokens, asked.endpoint, *token, *keys);
                    call.proceed(&mut provider, now, answer);
                }
            }
            Move::Proceed { call, answer } => {
                if let Some(call) = pick(&mut calls, *call) {
                    let answer = answer.serve(place, &tokens, &call.asked());
                    call.proceed(&mut provider, now, answer);
                }
            }
            Move::Resume { call, with } => {
                if let Some(call) = pick(&mut calls, *call) {
                    let asked = call.asked();
                    let input = with.input(|answer| answer.serve(place, &tokens, &asked));
                    call.resume(&provider, now, input);
                }
            }
            Move::Learn { call, answer } => {
                if let Some(call) = pick(&mut calls, *call) {
                    let asked = call.asked();
                    let answer = answer.as_ref().map(|answer| answer.serve(place, &tokens, &asked));
                    call.learn(&mut provider, now, answer);
                }
            }
            Move::Recall { token, requirements: required } => {
                let token = &tokens[usize::from(*token) % tokens.len()];
                memory.check(token, requirements(*required), &provider, now);
            }
            Move::Clock(moment) => now = moment.from(now),
        }
    }
    secrets::check_debug(&provider);
    for call in &mut calls {
        call.check_end(&provider, now);
    }
}

fn pick<'f, 'a>(calls: &'f mut [Call<'a>], index: u8) -> Option<&'f mut Call<'a>> {
    let count = calls.len();
    (count > 0).then(|| &mut calls[usize::from(index) % count])
}

impl Moment {
    fn from(self, now: UnixTime) -> UnixTime {
        let now = now.as_secs();
        UnixTime::from_secs(match self {
            Self::Later(seconds) => now.saturating_add(seconds.into()),
            Self::Days(days) => now.saturating_add(i64::from(days) * 24 * 60 * 60),
            Self::Earlier(seconds) => now.saturating_sub(seconds.into()),
            Self::Start => world::NOW.as_secs(),
            Self::At(moment) => moment,
        })
    }
}
