//! The promises of the driving contract and the key policy, checked on what has happened.

use std::collections::BTreeMap;

use fief_proto::{AccessTokenError, Endpoint, Error, UnixTime, flow::Ticket};

use crate::{
    call::Next,
    client::Known,
    server::Maker,
    shadow::{Asked, Errand, Expected, Policy, Reason, Shadow, has_expired},
};

/// What one program has seen.
#[derive(Default)]
pub struct Promises {
    /// For each document: when the last fetch ended, in steps; and the steps so far.
    ended: BTreeMap<&'static str, u64>,
    steps: u64,
    /// Tickets that were written, and at which step.
    written: Vec<(Ticket, u64)>,
    settled: Vec<Ticket>,
    /// For each document, by the program's own clock: the last failure, and the last end of a
    /// fetch.
    failed_at: BTreeMap<&'static str, i64>,
    ended_at: BTreeMap<&'static str, i64>,
    in_flight: usize,
    pub counts: BTreeMap<&'static str, u64>,
}

fn name(endpoint: Endpoint) -> &'static str {
    if endpoint == Endpoint::Discovery { "discovery" } else { "keys" }
}

impl Promises {
    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// A flow was resumed: it did what the model says, and no valid token was refused.
    pub fn stepped(
        &mut self,
        policy: Policy,
        shadow: &Shadow,
        now: i64,
        errand: Errand,
        expected: Expected,
        outcome: &Result<Next, Error>,
    ) {
        let found = match outcome {
            Ok(Next::Done) => "done",
            Ok(Next::Ask(_, None)) => "own request",
            Ok(Next::Ask(..)) => "asked",
            Err(Error::Misuse(_)) => panic!("the contract was kept: {outcome:?}"),
            Err(error) if is_unavailable(error) => "unavailable",
            Err(Error::Unchecked { .. }) => "unchecked",
            Err(Error::AccessToken(_) | Error::IdToken(_)) => "refused",
            Err(other) => panic!("{other:?}"),
        };
        self.count(found);
        let fits = match (expected, outcome) {
            (Expected::Ask(endpoint, reason), Ok(Next::Ask(asked, Some(ticket)))) => {
                endpoint == *asked && ticket.is_optional() == (reason == Reason::Refresh)
            }
            (Expected::Own, Ok(Next::Ask(_, None)))
            | (Expected::Done, Ok(Next::Done))
            | (Expected::Unchecked, Err(Error::Unchecked { .. })) => true,
            (Expected::Unavailable, Err(error)) => is_unavailable(error),
            (Expected::Refused(reason), Err(error)) => {
                error.reason() == Some(reason) && !matches!(error, Error::Unchecked { .. })
            }
            (Expected::Expired, Err(error)) => {
                self.count("expired");
                error.kind() == "access_token_expired" || error.reason() == Some("expired")
            }
            _ => false,
        };
        assert!(fits, "expected {expected:?}, found {outcome:?}\n{shadow:#?}");
        self.check_verdict(policy, shadow, now, errand, outcome);
    }

    /// Independently of the model: while a key is known and usable, its tokens are valid; no other
    /// token ever is; and a key is called unknown only after a fetch.
    fn check_verdict(
        &mut self,
        policy: Policy,
        shadow: &Shadow,
        now: i64,
        errand: Errand,
        outcome: &Result<Next, Error>,
    ) {
        let Some(maker) = errand.maker else { return };
        let knows = |key| shadow.keys.good.as_ref().is_some_and(|good| good.keys.contains(&key));
        let is_good = !has_expired(now);
        let is_known = matches!(maker, Maker::Server(key) if knows(key));
        match outcome {
            Ok(Next::Done) => assert!(is_known && is_good, "a token of {maker:?} was accepted"),
            Ok(Next::Ask(..)) => {}
            Err(error) => {
                // A token request that was answered uses the keys at hand, however old.
                let is_usable = shadow.keys.is_usable(policy.expire, now);
                assert!(
                    !(is_known && is_good && is_usable),
                    "a valid token was refused: {error:?}"
                );
                if matches!(error, Error::AccessToken(AccessTokenError::Invalid(_)))
                    && error.reason() == Some("unknown_key")
                {
                    assert!(!shadow.keys.has_failed(), "unknown without a look");
                    self.count("unknown");
                }
            }
        }
    }

    /// A flow has written a ticket: it is for something that is not settled, and that the flow has
    /// not asked before.
    pub fn asked(&mut self, ticket: Ticket, expected: Expected, asked: [Asked; 2]) -> Reason {
        let before = asked[usize::from(ticket.endpoint() == Endpoint::Keys)];
        assert!(!before.settled, "asked again");
        assert!(!(before.skipped && ticket.is_optional()), "asked again what was left aside");
        self.steps += 1;
        self.written.push((ticket, self.steps));
        match expected {
            Expected::Ask(_, reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// A fetch is sent under the lock: it is the only one, its ticket was not settled since it was
    /// written, and neither cooldown nor back-off forbade it then. (A clock may be set back while
    /// the ticket waits; what it shows when the request is sent says nothing.)
    pub fn sent(
        &mut self,
        ticket: Ticket,
        reason: Reason,
        asked_at: UnixTime,
        policy: Policy,
        known: &Known,
    ) {
        self.in_flight += 1;
        assert_eq!(self.in_flight, 1, "two fetches at once");
        let document = name(ticket.endpoint());
        let (_, written) = self.written.iter().rev().find(|(it, _)| *it == ticket).unwrap();
        let ended = self.ended.get(document).copied().unwrap_or_default();
        assert!(ended < *written, "a stampede: this ticket was answered while it waited");
        let since = |then: i64| asked_at.as_secs() - then;
        if let Some(then) = self.failed_at.get(document).filter(|_| reason == Reason::Refresh) {
            assert!(!(0..2).contains(&since(*then)), "no back-off after a failure");
        }
        if reason == Reason::UnknownKey {
            let last = self.ended_at.get(document).copied().map(since);
            let cools = last.is_some_and(|age| (0..policy.cooldown).contains(&age));
            assert!(!cools, "refetched within the cooldown: {last:?} s");
            self.count("refetched");
        }
        if reason == Reason::IdToken {
            self.count("refetched for an ID token");
        }
        if reason == Reason::Refresh {
            assert!(known.shadow.keys.good.is_some() || document == "discovery");
            self.count("refreshed");
        }
    }

    /// Something was learned and published: what was settled stays so, and no good document is
    /// lost to a failure.
    pub fn published(&mut self, ticket: Ticket, before: &Known, after: &Known, now: UnixTime) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.steps += 1;
        let document = name(ticket.endpoint());
        self.ended.insert(document, self.steps);
        assert!(after.provider.settled(&ticket), "the fetch does not settle its ticket");
        self.settled.push(ticket);
        let is_lost = |ticket: &&Ticket| !after.provider.settled(ticket);
        assert_eq!(self.settled.iter().find(is_lost), None, "the provider went back");
        let shade = |known: &Known| match ticket.endpoint() {
            Endpoint::Discovery => known.shadow.discovery.clone(),
            _ => known.shadow.keys.clone(),
        };
        let (before, after) = (shade(before), shade(after));
        assert!(after.good.is_some() || before.good.is_none());
        if after.has_failed() {
            self.failed_at.insert(document, now.as_secs());
            self.count("failed");
        } else {
            self.failed_at.remove(document);
            self.count("fetched");
        }
        self.ended_at.insert(document, now.as_secs());
    }
}

/// The provider's documents are unavailable.
fn is_unavailable(error: &Error) -> bool {
    let is_document = |endpoint| matches!(endpoint, Endpoint::Discovery | Endpoint::Keys);
    match error {
        Error::Provider(_) | Error::Transport(_) => true,
        Error::Refused(refusal) => is_document(refusal.endpoint()),
        Error::Response(response) => is_document(response.endpoint()),
        _ => false,
    }
}
