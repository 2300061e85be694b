//! What a provider must know and do, written a second time and as simply as possible: the model
//! that each step of each flow is compared with.

use std::time::Duration;

use fief_proto::{Config, Endpoint};

use crate::{
    common::{self, NOW},
    schedule::Random,
    server::{Key, Maker},
};

const LEEWAY: i64 = 60;
const NEVER: i64 = i64::MAX;
const DISCOVERY_DUE: i64 = 24 * 60 * 60;

/// The ages that the clients of a schedule are configured with, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    pub due: i64,
    pub expire: i64,
    pub cooldown: i64,
}

impl Policy {
    pub fn new(random: &mut Random) -> Self {
        let due = random.pick(&[0, 30, 120, 600]);
        let expire = due + random.pick(&[0, 60, 600]);
        Self { due, expire, cooldown: random.pick(&[0, 10, 10, 60]) }
    }

    pub fn config(self) -> Config {
        let seconds = |number: i64| Duration::from_secs(number.unsigned_abs());
        common::config()
            .keys_due_after(seconds(self.due))
            .keys_expire_after(seconds(self.expire))
            .key_refetch_cooldown(seconds(self.cooldown))
    }
}

/// The shadow of a `Provider`.
#[derive(Clone, Debug, Default)]
pub struct Shadow {
    pub discovery: Shade,
    pub keys: Shade,
}

/// One document of it.
#[derive(Clone, Debug, Default)]
pub struct Shade {
    pub good: Option<Good>,
    last: Option<Ended>,
}

#[derive(Clone, Debug)]
pub struct Good {
    at: i64,
    /// None for the discovery document.
    pub keys: Vec<Key>,
}

#[derive(Clone, Copy, Debug)]
struct Ended {
    at: i64,
    /// How many have failed in a row.
    failures: u32,
}

/// What was asked for, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    First,
    Refresh,
    UnknownKey,
    /// An ID token names a key that is not known.
    IdToken,
}

/// What a flow remembers of one document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    pub settled: bool,
    pub skipped: bool,
}

/// What a flow must do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expected {
    Ask(Endpoint, Reason),
    Own,
    Done,
    /// Refused for the token's sake: the name of the reason.
    Refused(&'static str),
    /// The token was valid, and is no longer.
    Expired,
    /// The provider's documents are unavailable.
    Unavailable,
    /// The answer to a token request can't be checked just now.
    Unchecked,
}

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

/// All tokens were made at one moment, for an hour; the leeway is a minute.
pub fn has_expired(now: i64) -> bool {
    now >= NOW.as_secs() + 3_600 + 60
}

fn is_within(span: i64, then: i64, now: i64) -> bool {
    (0..span).contains(&(now - then))
}

impl Shade {
    pub fn record(&mut self, now: i64, outcome: Option<Vec<Key>>) {
        let failures = self.last.map_or(0, |last| last.failures);
        let failures = if outcome.is_none() { failures + 1 } else { 0 };
        self.last = Some(Ended { at: now, failures });
        if let Some(keys) = outcome {
            self.good = Some(Good { at: now, keys });
        }
    }

    pub fn has_failed(&self) -> bool {
        self.last.is_some_and(|last| last.failures > 0)
    }

    /// Two seconds, then twice as long each time, a minute at most.
    fn backs_off(&self, now: i64) -> bool {
        let pauses = [0, 2, 4, 8, 16, 32];
        self.last.is_some_and(|last| {
            let pause = pauses.get(last.failures as usize).copied().unwrap_or(60);
            is_within(pause, last.at, now)
        })
    }

    fn tried_within(&self, span: i64, now: i64) -> bool {
        self.last.is_some_and(|last| is_within(span, last.at, now))
    }

    /// Whether what is known may be used, perhaps while it is due.
    pub fn is_usable(&self, expire: i64, now: i64) -> bool {
        self.good.as_ref().is_some_and(|good| {
            expire == NEVER
                || is_within(expire, good.at, now)
                || (1..LEEWAY).contains(&(good.at - now))
        })
    }

    fn is_fresh(&self, due: i64, now: i64) -> bool {
        self.good.as_ref().is_some_and(|good| is_within(due, good.at, now))
    }

    /// What to do about a document, if something is.
    fn consult(
        &self,
        asked: Asked,
        due: i64,
        expire: i64,
        now: i64,
    ) -> Result<(), Result<Reason, Expected>> {
        if self.is_fresh(due, now) {
            return Ok(());
        }
        if self.is_usable(expire, now) {
            let is_left = asked.settled || asked.skipped || self.backs_off(now);
            return if is_left { Ok(()) } else { Err(Ok(Reason::Refresh)) };
        }
        match (asked.settled, self.has_failed()) {
            (false, _) => Err(Ok(Reason::First)),
            (true, true) => Err(Err(Expected::Unavailable)),
            (true, false) => Ok(()),
        }
    }
}

impl Shadow {
    /// What a flow on this errand must do now.
    pub fn expect(&self, policy: Policy, now: i64, asked: [Asked; 2], errand: Errand) -> Expected {
        if errand.answered && !errand.needs_keys {
            return Expected::Done;
        }
        let [discovery, keys] = asked;
        if errand.answered {
            return self.expect_of_answer(now, keys, errand);
        }
        match self.discovery.consult(discovery, DISCOVERY_DUE, NEVER, now) {
            Ok(()) => {}
            Err(Ok(reason)) => return Expected::Ask(Endpoint::Discovery, reason),
            Err(Err(end)) => return end,
        }
        if errand.needs_keys {
            // A token request leaves keys that are due as they are.
            let due = if errand.own.is_some() { policy.expire } else { policy.due };
            match self.keys.consult(keys, due, policy.expire, now) {
                Ok(()) => {}
                Err(Ok(reason)) => return Expected::Ask(Endpoint::Keys, reason),
                Err(Err(end)) => return end,
            }
        }
        if errand.own.is_some() {
            return Expected::Own;
        }
        let Some(maker) = errand.maker else { return Expected::Done };
        let known = self.keys.good.as_ref().map_or(&[][..], |good| &good.keys);
        match maker {
            Maker::Server(key) if known.contains(&key) && has_expired(now) => Expected::Expired,
            Maker::Server(key) if known.contains(&key) => Expected::Done,
            Maker::Forger if known.contains(&Key::First) => Expected::Refused("bad_signature"),
            _ => self.expect_unknown(policy, now, keys),
        }
    }

    /// A token request was answered: nothing is fetched any more but the keys, once, and nothing
    /// that was refreshed is lost.
    fn expect_of_answer(&self, now: i64, keys: Asked, errand: Errand) -> Expected {
        let knows = |maker| match maker {
            Maker::Server(key) => {
                self.keys.good.as_ref().is_some_and(|good| good.keys.contains(&key))
            }
            _ => false,
        };
        match errand.maker {
            Some(maker) if !knows(maker) => match (keys.settled, self.keys.has_failed()) {
                (false, _) => Expected::Ask(Endpoint::Keys, Reason::IdToken),
                (true, true) => Expected::Unchecked,
                (true, false) if errand.is_refresh => Expected::Unchecked,
                (true, false) => Expected::Refused("unknown_key"),
            },
            _ if !has_expired(now) => Expected::Done,
            _ if errand.is_refresh => Expected::Unchecked,
            _ => Expected::Expired,
        }
    }

    fn expect_unknown(&self, policy: Policy, now: i64, keys: Asked) -> Expected {
        let is_throttled = self.keys.tried_within(policy.cooldown, now);
        match (keys.settled || is_throttled, self.keys.has_failed()) {
            (false, _) => Expected::Ask(Endpoint::Keys, Reason::UnknownKey),
            (true, true) => Expected::Unavailable,
            (true, false) => Expected::Refused("unknown_key"),
        }
    }
}
