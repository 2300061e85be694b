//! The promises of the driving contract and of the key policy, each held against what has happened.
//!
//! None of them says what a flow does next: they say what it may never do, and what it may not leave
//! undone. Where either is right (a document that seems to come from the near future), they are
//! silent.

use std::collections::BTreeMap;

use fief_proto::{Endpoint, Error, flow::Ticket};

use crate::{
    call::{Errand, Next},
    common::NOW,
    history::{Fetched, History},
    policy::Policy,
    server::Maker,
};

/// A document that is as far ahead may still be used: clocks differ.
const LEEWAY: i64 = 60;
const DISCOVERY_DUE: i64 = 24 * 60 * 60;

/// What one program has seen.
#[derive(Default)]
pub struct Promises {
    /// For each document: when the last fetch ended, in steps; and the steps so far.
    ended: BTreeMap<&'static str, u64>,
    steps: u64,
    /// Tickets that were written, and at which step.
    written: Vec<(Ticket, u64)>,
    settled: Vec<Ticket>,
    in_flight: usize,
    pub counts: BTreeMap<&'static str, u64>,
}

/// What a flow has asked for so far, of one document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// It has waited for an attempt to end.
    pub waited: bool,
    /// It went on without.
    pub skipped: bool,
}

/// A flow at the moment when it is resumed.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'h> {
    pub policy: Policy,
    pub history: &'h History,
    pub now: i64,
    pub errand: Errand,
    pub discovery: Asked,
    pub keys: Asked,
}

/// A document that the flow needs.
struct Needed<'h> {
    fetched: &'h Fetched,
    asked: Asked,
    due: i64,
    /// None where any age will do.
    expire: Option<i64>,
    now: i64,
}

impl Needed<'_> {
    /// Beyond doubt young enough to be used.
    fn is_usable(&self) -> bool {
        let is_young = |age: i64| self.expire.is_none_or(|expire| (0..expire).contains(&age));
        self.fetched.age(self.now).is_some_and(is_young)
    }

    /// Missing, expired, or from further ahead than clocks differ.
    fn is_useless(&self) -> bool {
        let is_old = |age| self.expire.is_some_and(|expire| !(1 - LEEWAY..expire).contains(&age));
        self.fetched.age(self.now).is_none_or(is_old)
    }

    /// A document that was set back with the clock is due, however old it is.
    fn is_due(&self) -> bool {
        !self.fetched.age(self.now).is_some_and(|age| (0..self.due).contains(&age))
    }

    /// The last attempts have failed, and the pause after them is not over: two seconds, doubled by
    /// each failure, and a minute at the most.
    fn is_paused(&self) -> bool {
        let pause = (1_i64 << self.fetched.failures().min(6)).min(60);
        let since = self.fetched.since_last_attempt(self.now);
        self.fetched.has_failed() && since.is_some_and(|since| (0..pause).contains(&since))
    }

    /// It is there, and either young enough or fetched for this very flow.
    fn may_be_used(&self) -> bool {
        let is_new = self.asked.waited && !self.fetched.has_failed();
        self.fetched.age(self.now).is_some() && (is_new || !self.is_useless())
    }

    /// The flow goes on: there was nothing left to ask.
    fn check_passed(&self) {
        assert!(
            self.asked.waited || !self.is_useless(),
            "a failure was remembered, not tried again"
        );
        let was_asked = self.asked.waited || self.asked.skipped;
        assert!(was_asked || self.is_paused() || !self.is_due(), "what is due was not asked for");
    }
}

impl<'h> Moment<'h> {
    fn discovery(&self) -> Needed<'h> {
        let (fetched, asked) = (&self.history.discovery, self.discovery);
        Needed { fetched, asked, due: DISCOVERY_DUE, expire: None, now: self.now }
    }

    fn keys(&self) -> Needed<'h> {
        let (fetched, asked, expire) = (&self.history.keys, self.keys, self.policy.expire);
        // A token request uses keys that are due as they are.
        let due = if self.errand.own.is_some() { expire } else { self.policy.due };
        Needed { fetched, asked, due, expire: Some(expire), now: self.now }
    }

    fn needed(&self) -> Vec<Needed<'h>> {
        let keys = self.errand.needs_keys.then(|| self.keys());
        [self.discovery()].into_iter().chain(keys).collect()
    }

    /// The key that has signed the flow's token is known.
    fn is_known(&self) -> bool {
        matches!(self.errand.maker, Some(Maker::Server(key)) if self.history.keys.holds(key))
    }

    /// The key is not known, of a token that is to be checked.
    fn is_unknown(&self) -> bool {
        match self.errand.maker {
            Some(Maker::Forger) => !self.history.keys.holds(Maker::FORGED),
            Some(_) => !self.is_known(),
            None => false,
        }
    }

    fn is_cooling_down(&self) -> bool {
        let since = self.history.keys.since_last_attempt(self.now);
        since.is_some_and(|since| (0..self.policy.cooldown).contains(&since))
    }

    /// All tokens were made at one moment, for an hour.
    fn has_expired(&self) -> bool {
        self.now >= NOW.as_secs() + 3_600 + LEEWAY
    }
}

impl Promises {
    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// A flow was resumed.
    pub fn stepped(&mut self, moment: &Moment<'_>, outcome: &Result<Next, Error>) {
        match outcome {
            Ok(Next::Ask(_, Some(ticket))) => self.asked(moment, *ticket),
            Ok(Next::Ask(endpoint, None)) => self.sends_its_own(moment, *endpoint),
            Ok(Next::Done) => self.is_done(moment),
            Err(error) if moment.errand.answered => self.fails_after_its_answer(moment, error),
            Err(error) => self.fails(moment, error),
        }
    }

    /// A shared document is asked for only where it is missing, due, or lacks a key; not while the
    /// back-off or the cooldown forbids it; and by one flow never twice.
    fn asked(&mut self, moment: &Moment<'_>, ticket: Ticket) {
        self.count("asked");
        self.steps += 1;
        self.written.push((ticket, self.steps));
        let is_for_keys = ticket.endpoint() == Endpoint::Keys;
        let document = if is_for_keys { moment.keys() } else { moment.discovery() };
        assert!(!document.asked.waited, "asked again");
        assert!(!is_for_keys || moment.errand.needs_keys, "keys are of no use to it");
        if ticket.is_optional() {
            assert!(!document.asked.skipped, "asked again what was left aside");
            assert!(!document.is_useless(), "there is nothing to go on with");
            assert!(document.is_due(), "what is fresh was asked for");
            assert!(!document.is_paused(), "no back-off after a failure");
            assert!(!moment.errand.answered, "an answer waits to be checked");
            self.count("refreshed");
        } else if document.is_usable() || moment.errand.answered {
            assert!(is_for_keys && moment.is_unknown(), "a wait for what is there");
            if moment.errand.answered {
                self.count("refetched for an ID token");
            } else {
                assert!(!moment.is_cooling_down(), "refetched within the cooldown");
                self.count("refetched");
            }
        }
    }

    /// Before a code or a refresh token is spent, there is what its answer will be checked by.
    fn sends_its_own(&mut self, moment: &Moment<'_>, endpoint: Endpoint) {
        self.count("own request");
        assert_eq!(Some(endpoint), moment.errand.own);
        assert!(!moment.errand.answered, "sent twice");
        for document in moment.needed() {
            document.check_passed();
            assert!(document.may_be_used(), "sent without what checks the answer");
        }
    }

    /// Only a good token of a key that is known is good, and never by a key that has expired.
    fn is_done(&mut self, moment: &Moment<'_>) {
        self.count("done");
        assert_eq!(moment.errand.own.is_some(), moment.errand.answered, "done without its answer");
        if let Some(maker) = moment.errand.maker {
            assert!(moment.is_known(), "a token of {maker:?} was accepted");
            assert!(!moment.has_expired(), "a token was accepted that has expired");
        }
        // The keys that were at hand when the request was sent are good for its answer.
        if !moment.errand.answered {
            for document in moment.needed() {
                document.check_passed();
                assert!(document.may_be_used(), "a document was used that has expired");
            }
        }
    }

    /// An error is true: nothing is refused that could be judged good, "unknown" is said only after
    /// a look, and "unavailable" only after a failure.
    fn fails(&mut self, moment: &Moment<'_>, error: &Error) {
        let is_at_hand = moment.needed().iter().all(Needed::is_usable);
        let is_good = moment.errand.maker.is_none() || moment.is_known() && !moment.has_expired();
        assert!(!(is_at_hand && is_good), "a valid token was refused: {error:?}");
        let has_looked = moment.keys.waited || moment.is_cooling_down();
        let keys_have_failed = moment.history.keys.has_failed();
        if is_unavailable(error) {
            self.count("unavailable");
            let discovery_has_failed =
                moment.discovery.waited && moment.history.discovery.has_failed();
            assert!(discovery_has_failed || has_looked && keys_have_failed, "{error:?}");
            return;
        }
        moment.needed().iter().for_each(Needed::check_passed);
        match (error, error.reason()) {
            (Error::AccessToken(_), Some("unknown_key")) => {
                self.count("refused");
                self.count("unknown");
                assert!(moment.is_unknown(), "the key is known");
                assert!(has_looked && !keys_have_failed, "unknown without a look");
            }
            (Error::AccessToken(_), Some("bad_signature")) => {
                self.count("refused");
                assert_eq!(moment.errand.maker, Some(Maker::Forger));
            }
            (Error::AccessToken(_), _) if error.kind() == "access_token_expired" => {
                self.count("expired");
                assert!(moment.has_expired() && moment.is_known());
            }
            _ => panic!("{error:?}"),
        }
    }

    /// What Fief has sent is not lost: where a refresh was answered, the error carries the token. A
    /// login says that its key is unknown only after a look.
    fn fails_after_its_answer(&mut self, moment: &Moment<'_>, error: &Error) {
        let (is_unknown, is_refresh) = (moment.is_unknown(), moment.errand.is_refresh);
        assert!(is_unknown || moment.has_expired(), "a good answer was refused: {error:?}");
        assert!(!is_unknown || moment.keys.waited, "unknown without a look: {error:?}");
        let has_failed = moment.history.keys.has_failed();
        match (error, error.reason()) {
            (Error::Unchecked { .. }, _) => {
                self.count("unchecked");
                assert!(is_refresh || is_unknown && has_failed, "a login that was checked");
            }
            (Error::IdToken(_), Some("unknown_key")) => {
                self.count("refused");
                assert!(is_unknown && !has_failed && !is_refresh, "{error:?}");
            }
            (Error::IdToken(_), Some("expired")) => {
                self.count("expired");
                assert!(!is_unknown && !is_refresh, "{error:?}");
            }
            _ => panic!("{error:?}"),
        }
    }

    /// A fetch is sent under the lock: it is the only one, and no other has answered its ticket since
    /// that was written.
    pub fn sent(&mut self, ticket: Ticket) {
        self.in_flight += 1;
        assert_eq!(self.in_flight, 1, "two fetches at once");
        let (_, written) = self.written.iter().rev().find(|(it, _)| *it == ticket).unwrap();
        let ended = self.ended.get(name(ticket.endpoint())).copied().unwrap_or_default();
        assert!(ended < *written, "a stampede: this ticket was answered while it waited");
    }

    /// Something was learned and published: what was settled stays so.
    pub fn published(
        &mut self,
        ticket: Ticket,
        has_failed: bool,
        settled: impl Fn(&Ticket) -> bool,
    ) {
        self.in_flight -= 1;
        self.steps += 1;
        self.ended.insert(name(ticket.endpoint()), self.steps);
        assert!(settled(&ticket), "the fetch does not settle its ticket");
        self.settled.push(ticket);
        let is_lost = |ticket: &&Ticket| !settled(ticket);
        assert_eq!(self.settled.iter().find(is_lost), None, "the provider went back");
        self.count(if has_failed { "failed" } else { "fetched" });
    }
}

fn name(endpoint: Endpoint) -> &'static str {
    if endpoint == Endpoint::Discovery { "discovery" } else { "keys" }
}

/// The provider's documents can't be had.
fn is_unavailable(error: &Error) -> bool {
    let is_document = |endpoint| matches!(endpoint, Endpoint::Discovery | Endpoint::Keys);
    match error {
        Error::Provider(_) | Error::Transport(_) => true,
        Error::Refused(refusal) => is_document(refusal.endpoint()),
        Error::Response(response) => is_document(response.endpoint()),
        _ => false,
    }
}
