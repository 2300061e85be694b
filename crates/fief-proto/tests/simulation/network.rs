//! The network: slow, lossy, and without order.

use crate::schedule::Random;

pub struct Network {
    /// How many of a hundred messages are lost.
    loss: u64,
    /// How many of a hundred are held up on their way, until after their deadline perhaps.
    stalls: u64,
    /// The greatest delay of the others, in milliseconds. Each message has its own, so that they
    /// overtake each other.
    slowest: u64,
}

/// How long a driver waits for an answer, in milliseconds.
pub const DEADLINE: u64 = 30_000;

impl Network {
    pub fn new(random: &mut Random) -> Self {
        Self {
            loss: random.pick(&[0, 0, 5, 30]),
            stalls: random.pick(&[0, 0, 5, 20]),
            slowest: random.pick(&[1, 200, 4_000, 12_000]),
        }
    }

    /// How long a message is on its way, unless it is lost.
    pub fn carry(&self, random: &mut Random) -> Option<u64> {
        let slowest = if random.chance(self.stalls) { 2 * DEADLINE } else { self.slowest };
        let delay = random.below(slowest + 1);
        (!random.chance(self.loss)).then_some(delay)
    }
}
