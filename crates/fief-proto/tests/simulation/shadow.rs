//! What a provider must know and do, said a second time and naively: the model that each step of
//! each flow is held against.

use std::time::Duration;

use fief_proto::{Config, Endpoint};

use crate::{
    common::{self, NOW},
    schedule::Random,
    server::{Key, Maker},
};

const BACK_OFF: i64 = 2;
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
    pub attempts: u64,
    pub good: Option<Good>,
    last: Option<Ended>,
    refetched: Option<(u64, i64)>,
}

#[derive(Clone, Debug)]
pub struct Good {
    attempt: u64,
    at: i64,
    /// None for the discovery document.
    pub keys: Vec<Key>,
}

#[derive(Clone, Copy, Debug)]
struct Ended {
    attempt: u64,
    at: i64,
    failed: bool,
}

/// What was asked for, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    First,
    Refresh,
    UnknownKey,
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
    /// The token was good, and is no longer.
    Expired,
    /// The provider's documents can't be had.
    Unavailable,
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
}

/// All tokens were made at one moment, for an hour; the leeway is a minute.
pub fn has_expired(now: i64) -> bool {
    now >= NOW.as_secs() + 3_600 + 60
}

fn is_within(span: i64, then: i64, now: i64) -> bool {
    (0..span).contains(&(now - then))
}

impl Shade {
    pub fn record(&mut self, reason: Reason, now: i64, outcome: Option<Vec<Key>>) {
        self.attempts += 1;
        let attempt = self.attempts;
        self.last = Some(Ended { attempt, at: now, failed: outcome.is_none() });
        if let Some(keys) = outcome {
            self.good = Some(Good { attempt, at: now, keys });
        }
        if reason == Reason::UnknownKey {
            self.refetched = Some((attempt, now));
        }
    }

    pub fn join(&mut self, other: &Self) {
        let good = |shade: &Self| shade.good.as_ref().map(|good| (good.attempt, good.at));
        if good(other) > good(self) {
            self.good.clone_from(&other.good);
        }
        let last = |shade: &Self| shade.last.map(|last| (last.attempt, last.at));
        if last(other) > last(self) {
            self.last = other.last;
        }
        self.refetched = self.refetched.max(other.refetched);
        self.attempts = self.attempts.max(other.attempts);
    }

    pub fn has_failed(&self) -> bool {
        self.last.is_some_and(|last| last.failed)
    }

    pub fn backs_off(&self, now: i64) -> bool {
        self.last.is_some_and(|last| last.failed && is_within(BACK_OFF, last.at, now))
    }

    pub fn cools_down(&self, cooldown: i64, now: i64) -> bool {
        self.refetched.is_some_and(|(_, then)| is_within(cooldown, then, now))
    }

    /// Whether what is known may be used, and whether it is due.
    pub fn is_usable(&self, expire: Option<i64>, now: i64) -> bool {
        self.good.as_ref().is_some_and(|good| {
            now < good.at || expire.is_none_or(|expire| is_within(expire, good.at, now))
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
        expire: Option<i64>,
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
        match self.discovery.consult(discovery, DISCOVERY_DUE, None, now) {
            Ok(()) => {}
            Err(Ok(reason)) => return Expected::Ask(Endpoint::Discovery, reason),
            Err(Err(end)) => return end,
        }
        if errand.needs_keys {
            match self.keys.consult(keys, policy.due, Some(policy.expire), now) {
                Ok(()) => {}
                Err(Ok(reason)) => return Expected::Ask(Endpoint::Keys, reason),
                Err(Err(end)) => return end,
            }
        }
        if errand.own.is_some() && !errand.answered {
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

    fn expect_unknown(&self, policy: Policy, now: i64, keys: Asked) -> Expected {
        let is_throttled = self.keys.backs_off(now) || self.keys.cools_down(policy.cooldown, now);
        match (keys.settled || is_throttled, self.keys.has_failed()) {
            (false, _) => Expected::Ask(Endpoint::Keys, Reason::UnknownKey),
            (true, true) => Expected::Unavailable,
            (true, false) => Expected::Refused("unknown_key"),
        }
    }
}
