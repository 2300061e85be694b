//! Chance, and what is to happen when: both from one seed.

use std::collections::BTreeMap;

/// A generator of numbers that looks random enough (`SplitMix64`).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to this one, exclusive.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// So many times of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

/// What is still to happen. Of two events at one moment, chance says which comes first.
pub struct Agenda<E> {
    events: BTreeMap<(u64, u64), E>,
    /// Milliseconds since the beginning.
    now: u64,
}

impl<E> Agenda<E> {
    pub fn new() -> Self {
        Self { events: BTreeMap::new(), now: 0 }
    }

    pub fn now(&self) -> u64 {
        self.now
    }

    pub fn add(&mut self, delay: u64, random: &mut Random, event: E) {
        self.events.insert((self.now + delay, random.next()), event);
    }

    pub fn next(&mut self) -> Option<E> {
        let ((moment, _), event) = self.events.pop_first()?;
        self.now = moment;
        Some(event)
    }
}
