//! A program with many callers, which share a provider and drive their flows by the contract.

use std::collections::{BTreeMap, VecDeque};

use fief_proto::{
    Client, Endpoint, Provider, Requirements, TransportError, UnixTime,
    flow::{Input, Response, Ticket},
};

use crate::{
    call::{Call, Errand, Next},
    common::{NOW, refused},
    history::History,
    memory::Memory,
    policy::Policy,
    promises::{Asked, Moment, Promises},
    schedule::Random,
    server::{Answered, Key, Maker, Token},
};

/// A provider, and what became of its fetches.
#[derive(Debug, Default)]
pub struct Known {
    pub provider: Provider,
    pub history: History,
}

pub struct Program<'w> {
    client: &'w Client,
    pub policy: Policy,
    known: Known,
    memory: Memory,
    /// How far its clock is from the simulation's, in seconds.
    pub clock_is_ahead: i64,
    callers: BTreeMap<u64, Caller<'w>>,
    last_caller: u64,
    is_locked: bool,
    waiting: VecDeque<u64>,
    pub promises: Promises,
}

struct Caller<'w> {
    flow: Call<'w>,
    errand: Errand,
    discovery: Asked,
    keys: Asked,
    /// What it waits for.
    ticket: Option<Ticket>,
}

/// A request on its way. The caller may leave before the answer comes.
#[derive(Clone, Copy)]
pub struct InFlight {
    /// None for a fetch in the background, which no caller waits for.
    pub caller: Option<u64>,
    pub endpoint: Endpoint,
    shared: Option<Shared>,
}

#[derive(Clone, Copy)]
struct Shared {
    ticket: Ticket,
}

impl<'w> Program<'w> {
    pub fn new(client: &'w Client, policy: Policy) -> Self {
        Self {
            client,
            policy,
            known: Known::default(),
            memory: Memory::new(client),
            clock_is_ahead: 0,
            callers: BTreeMap::new(),
            last_caller: 0,
            is_locked: false,
            waiting: VecDeque::new(),
            promises: Promises::default(),
        }
    }

    /// What its clock shows, so many milliseconds after the beginning.
    pub fn now(&self, elapsed: u64) -> UnixTime {
        let seconds = i64::try_from(elapsed / 1_000).unwrap();
        UnixTime::from_secs(NOW.as_secs() + 1_000 + seconds + self.clock_is_ahead)
    }

    /// Whether it has verified tokens in memory.
    pub fn remembers(&self) -> bool {
        !self.memory.is_empty()
    }

    /// Another caller comes, and is served as far as it goes.
    pub fn call(
        &mut self,
        token: &'w Token,
        requirements: &'w Requirements,
        elapsed: u64,
        random: &mut Random,
    ) -> Vec<InFlight> {
        let provider = &self.known.provider;
        if self.memory.recall(self.client, provider, token, requirements, self.now(elapsed)) {
            self.promises.count("remembered");
        }
        let (flow, errand) = Call::begin(self.client, token, requirements, random);
        self.last_caller += 1;
        let none = Asked::default();
        let caller = Caller { flow, errand, discovery: none, keys: none, ticket: None };
        self.callers.insert(self.last_caller, caller);
        let mut requests = Vec::new();
        self.resume(self.last_caller, Input::Go, elapsed, &mut requests);
        requests
    }

    /// A caller gives up. What it has sent for everyone is still received.
    pub fn leave(&mut self, random: &mut Random) {
        let callers: Vec<u64> = self.callers.keys().copied().collect();
        if !callers.is_empty() {
            let caller = random.pick(&callers);
            self.callers.remove(&caller);
            self.waiting.retain(|waiting| *waiting != caller);
        }
    }

    /// An answer comes, or none does.
    pub fn receive(
        &mut self,
        request: InFlight,
        answered: Option<Answered>,
        elapsed: u64,
        random: &mut Random,
    ) -> Vec<InFlight> {
        let mut requests = Vec::new();
        match request.shared {
            Some(shared) => {
                self.learn(shared, answered, self.now(elapsed));
                let is_first = random.chance(50);
                if is_first && let Some(caller) = request.caller {
                    self.resume(caller, Input::Go, elapsed, &mut requests);
                }
                self.hand_over_lock(elapsed, &mut requests);
                if !is_first && let Some(caller) = request.caller {
                    self.resume(caller, Input::Go, elapsed, &mut requests);
                }
            }
            None => {
                let caller = request.caller.expect("a request of its own");
                match answered {
                    Some(answered) => self.answer(caller, answered, elapsed, &mut requests),
                    // What became of a code is unknown: the flow is dropped.
                    None => drop(self.callers.remove(&caller)),
                }
            }
        }
        requests
    }

    fn learn(&mut self, shared: Shared, answered: Option<Answered>, now: UnixTime) {
        let ticket = shared.ticket;
        let (good, outcome) = outcome(ticket.endpoint(), answered);
        let Known { provider, history } = &mut self.known;
        self.client.learn(provider, ticket, now, outcome);
        let has_failed = good.is_none();
        match ticket.endpoint() {
            Endpoint::Discovery => history.discovery.record(now.as_secs(), good),
            _ => history.keys.record(now.as_secs(), good),
        }
        self.is_locked = false;
        self.promises.published(ticket, has_failed, |ticket| provider.settled(ticket));
    }

    fn answer(
        &mut self,
        caller: u64,
        answered: Answered,
        elapsed: u64,
        requests: &mut Vec<InFlight>,
    ) {
        let Some(waiting) = self.callers.get_mut(&caller) else { return };
        if !answered.is_good() {
            // Refused, or no answer that can be read: the flow ends with an error.
            let input = Input::Response(answered.response);
            let now = self.now(elapsed);
            let mut waiting = self.callers.remove(&caller).unwrap();
            assert!(waiting.flow.resume(&self.known, now, input).is_err());
            return;
        }
        waiting.errand.answered = true;
        waiting.errand.maker = answered.id_token.map(Maker::Server);
        self.resume(caller, Input::Response(answered.response), elapsed, requests);
    }

    /// Resumes a caller's flow, again and again until it waits for something or is over.
    fn resume(&mut self, caller: u64, input: Input, elapsed: u64, requests: &mut Vec<InFlight>) {
        let now = self.now(elapsed);
        let mut input = input;
        while let Some(mut this) = self.callers.remove(&caller) {
            if let Some(ticket) = this.ticket.take() {
                let is_for_keys = ticket.endpoint() == Endpoint::Keys;
                let asked = if is_for_keys { &mut this.keys } else { &mut this.discovery };
                match input {
                    Input::Skip => asked.skipped = true,
                    _ => asked.waited = true,
                }
            }
            let moment = Moment {
                policy: self.policy,
                history: &self.known.history,
                now: now.as_secs(),
                errand: this.errand,
                discovery: this.discovery,
                keys: this.keys,
            };
            let outcome = this.flow.resume(&self.known, now, input);
            self.promises.stepped(&moment, &outcome);
            let Ok(Next::Ask(endpoint, ticket)) = outcome else { return };
            let Some(ticket) = ticket else {
                self.callers.insert(caller, this);
                requests.push(InFlight { caller: Some(caller), endpoint, shared: None });
                return;
            };
            this.ticket = Some(ticket);
            self.callers.insert(caller, this);
            match self.fetch(caller) {
                Fetch::Sent(request) => return requests.push(*request),
                Fetch::Beside(request) => {
                    requests.push(*request);
                    input = Input::Skip;
                }
                Fetch::Waits => return,
                Fetch::Skipped => input = Input::Skip,
                Fetch::Settled => input = Input::Go,
            }
        }
    }

    /// What a driver does with a ticket.
    fn fetch(&mut self, caller: u64) -> Fetch {
        let ticket = self.callers[&caller].ticket.expect("it asked");
        let request = |caller| {
            let shared = Some(Shared { ticket });
            Box::new(InFlight { caller, endpoint: ticket.endpoint(), shared })
        };
        match (self.is_locked, ticket.is_optional()) {
            (true, true) => {
                self.promises.count("skipped");
                Fetch::Skipped
            }
            (true, false) => {
                self.promises.count("waited");
                self.waiting.push_back(caller);
                Fetch::Waits
            }
            (false, _) if self.known.provider.settled(&ticket) => Fetch::Settled,
            (false, _) => {
                self.is_locked = true;
                self.promises.sent(ticket);
                if ticket.is_optional() {
                    Fetch::Beside(request(None))
                } else {
                    Fetch::Sent(request(Some(caller)))
                }
            }
        }
    }

    /// The lock is free: the waiting callers get it, one after the other.
    fn hand_over_lock(&mut self, elapsed: u64, requests: &mut Vec<InFlight>) {
        while !self.is_locked {
            let Some(caller) = self.waiting.pop_front() else { return };
            match self.fetch(caller) {
                Fetch::Sent(request) => requests.push(*request),
                Fetch::Settled => {
                    self.promises.count("settled while waiting");
                    self.resume(caller, Input::Go, elapsed, requests);
                }
                Fetch::Waits | Fetch::Skipped | Fetch::Beside(_) => {
                    unreachable!("the lock is free")
                }
            }
        }
    }

    /// When nothing happens any more, no caller may be left waiting.
    pub fn check_end(&self) {
        assert!(self.callers.is_empty(), "{} callers are stuck", self.callers.len());
        assert!(!self.is_locked && self.waiting.is_empty());
    }
}

enum Fetch {
    /// No caller waits for it.
    Beside(Box<InFlight>),
    Sent(Box<InFlight>),
    Settled,
    Skipped,
    Waits,
}

impl Answered {
    fn is_good(&self) -> bool {
        self.response.status().is_success() && self.response.body() != b"{\"keys\":[]}"
    }
}

/// What is written down, and what the core is told.
fn outcome(
    endpoint: Endpoint,
    answered: Option<Answered>,
) -> (Option<Vec<Key>>, Result<Response, TransportError>) {
    match answered {
        None => (None, Err(refused())),
        Some(answered) => {
            let good = match endpoint {
                Endpoint::Discovery => answered.is_good().then(Vec::new),
                _ => answered.keys,
            };
            (good, Ok(answered.response))
        }
    }
}
