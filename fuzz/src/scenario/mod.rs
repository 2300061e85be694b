//! Scenarios: any sequence of calls, moments, answers and resumptions, and what must hold in each.
//!
//! ```text
//!   Scenario ──▶ place (which client), tokens, moves
//!   Move     ──▶ begin an operation │ resume a flow, rightly or wrongly │ learn │ clock
//!   Flight   ──▶ one flow and the model of its contract: what it awaits, what it has asked for
//! ```

mod answer;
mod flight;
mod memory;
mod operation;
mod output;
mod place;
mod token;

use arbitrary::Arbitrary;
use fief_proto::{Provider, UnixTime};

use self::{
    answer::{Answer, Keys},
    flight::{Flight, Resumption},
    memory::Memory,
    operation::{Operation, requirements},
    place::Place,
    token::Token,
};
use crate::{secrets, world};

/// How many moves are looked at, and how many flows are in the air at once.
const MOST_MOVES: usize = 40;
const MOST_FLIGHTS: usize = 6;

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
    /// What a good driver does next for a flow, with a server that is well.
    Serve {
        flight: u8,
        token: u8,
        keys: Keys,
    },
    /// What a good driver does next for a flow, with whatever server.
    Proceed {
        flight: u8,
        answer: Answer,
    },
    /// Whatever a driver may do.
    Resume {
        flight: u8,
        with: Resumption,
    },
    /// A shared fetch ends, with an answer or without, whether it is still awaited or not.
    Learn {
        flight: u8,
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

/// Plays a scenario. Panics where something does not hold.
pub fn play(scenario: &Scenario) {
    let place = scenario.place;
    let mut now = world::NOW;
    let tokens: Vec<String> = scenario.tokens.iter().map(|token| token.text(place)).collect();
    let mut provider = if scenario.knows_server { place.provider() } else { Provider::default() };
    let mut memory = Memory::new(place);
    let mut flights: Vec<Flight<'_>> = Vec::new();
    for next in scenario.moves.iter().take(MOST_MOVES) {
        match next {
            Move::Begin(operation) => {
                if let Some(flight) = operation.begin(place, &tokens, now) {
                    flights.truncate(MOST_FLIGHTS - 1);
                    flights.insert(0, flight);
                }
            }
            Move::Serve { flight, token, keys } => {
                if let Some(flight) = pick(&mut flights, *flight) {
                    let asked = flight.asked();
                    let answer =
                        answer::right_answer(place, &tokens, asked.endpoint, *token, *keys);
                    flight.proceed(&mut provider, now, answer);
                }
            }
            Move::Proceed { flight, answer } => {
                if let Some(flight) = pick(&mut flights, *flight) {
                    let answer = answer.serve(place, &tokens, &flight.asked());
                    flight.proceed(&mut provider, now, answer);
                }
            }
            Move::Resume { flight, with } => {
                if let Some(flight) = pick(&mut flights, *flight) {
                    let asked = flight.asked();
                    let input = with.input(|answer| answer.serve(place, &tokens, &asked));
                    flight.resume(&provider, now, input);
                }
            }
            Move::Learn { flight, answer } => {
                if let Some(flight) = pick(&mut flights, *flight) {
                    let asked = flight.asked();
                    let answer = answer.as_ref().map(|answer| answer.serve(place, &tokens, &asked));
                    flight.learn(&mut provider, now, answer);
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
    for flight in &mut flights {
        flight.check_end(&provider, now);
    }
}

fn pick<'f, 'a>(flights: &'f mut [Flight<'a>], index: u8) -> Option<&'f mut Flight<'a>> {
    let count = flights.len();
    (count > 0).then(|| &mut flights[usize::from(index) % count])
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
