//! What was learned from the server: one value, owned by whoever drives.

use std::{sync::Arc, time::Duration};

use crate::{Client, Endpoint, Error, UnixTime, jwk::KeySet, metadata::Metadata};

/// How long a failed attempt keeps others from trying again while something usable is at hand.
const BACK_OFF: Duration = Duration::from_secs(2);

/// The discovery document and the keys, as last seen, with when and how they were fetched.
///
/// Cheap to clone. Flows only read it; [`Client::learn`](crate::Client::learn) alone writes it, and
/// never loses a good value to a failed attempt. Start with `Provider::default()`, which knows
/// nothing yet, or with [`Provider::from_documents`].
#[derive(Clone, Debug, Default)]
pub struct Provider {
    pub(crate) discovery: Slot<Metadata>,
    pub(crate) keys: Slot<KeySet>,
}

impl Provider {
    /// A provider that is known without asking: for tests, pinned keys, and a start without
    /// network.
    ///
    /// The documents are what the server would have answered at `fetched_at`, and pass the same
    /// checks. They age from there.
    ///
    /// # Errors
    ///
    /// [`Error::Provider`] if a document is refused.
    pub fn from_documents(
        client: &Client,
        discovery: &[u8],
        keys: &[u8],
        fetched_at: UnixTime,
    ) -> Result<Self, Error> {
        let settings = client.settings();
        let discovery = Metadata::parse(discovery, settings)?;
        let keys = KeySet::parse(keys, settings.backend)?;
        Ok(Self {
            discovery: Slot::known(discovery, fetched_at),
            keys: Slot::known(keys, fetched_at),
        })
    }

    /// Who this is: the `iss` of its tokens. None before the discovery document is known.
    pub fn issuer(&self) -> Option<&str> {
        self.discovery.latest().map(|metadata| metadata.issuer.as_str())
    }

    /// Whether an attempt has finished since this ticket was written, with success or without.
    ///
    /// A driver asks this under its flight lock, with the provider loaded afresh: if so, nothing
    /// is to be sent for the ticket.
    pub fn settled(&self, ticket: &Ticket) -> bool {
        let attempts = match ticket.document {
            Document::Discovery => self.discovery.attempts,
            Document::Keys => self.keys.attempts,
        };
        attempts > ticket.attempts
    }

    /// Takes over, document by document, what `other` has learned later.
    ///
    /// For those who drive by hand and publish without a lock.
    pub fn join(&mut self, other: &Self) {
        self.discovery.join(&other.discovery);
        self.keys.join(&other.keys);
    }
}

/// The right to fetch a shared document, and the memory of how things stood when it was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ticket {
    pub(crate) document: Document,
    /// How many attempts had finished when the flow first asked.
    pub(crate) attempts: u64,
    pub(crate) purpose: Purpose,
}

impl Ticket {
    /// Where the document is.
    pub fn endpoint(&self) -> Endpoint {
        match self.document {
            Document::Discovery => Endpoint::Discovery,
            Document::Keys => Endpoint::Keys,
        }
    }

    /// Whether the flow can go on without: a driver that does not get its flight lock at once
    /// resumes with [`Input::Skip`](crate::Input::Skip).
    pub fn is_optional(&self) -> bool {
        self.purpose == Purpose::Refresh
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Document {
    Discovery,
    Keys,
}

/// Why a document is fetched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// There is none that could be used.
    First,
    /// The one at hand is due, and still good.
    Refresh,
    /// A token names a key that is not in it.
    UnknownKey,
}

/// One document: the last good value, and the last attempt.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    value: Option<Known<T>>,
    attempts: u64,
    last: Option<Attempt>,
    /// The last refetch for an unknown key: its number, and when it ended.
    refetched: Option<(u64, UnixTime)>,
}

#[derive(Debug)]
struct Known<T> {
    value: Arc<T>,
    /// The attempt that brought it.
    attempt: u64,
    fetched_at: UnixTime,
}

#[derive(Clone, Debug)]
struct Attempt {
    number: u64,
    ended_at: UnixTime,
    failure: Option<Arc<Error>>,
}

/// How fresh a document has to be.
#[derive(Clone, Copy)]
pub(crate) struct Freshness {
    pub due_after: Duration,
    pub expire_after: Option<Duration>,
}

/// What a slot has to offer.
pub(crate) enum Offer<'a, T> {
    Fresh(&'a T),
    /// Still good, but a refresh is due and nothing speaks against trying it now.
    Due(&'a T),
    Nothing,
}

impl<T> Slot<T> {
    pub(crate) fn known(value: T, fetched_at: UnixTime) -> Self {
        Self {
            value: Some(Known { value: Arc::new(value), attempt: 1, fetched_at }),
            attempts: 1,
            last: Some(Attempt { number: 1, ended_at: fetched_at, failure: None }),
            refetched: None,
        }
    }

    pub(crate) fn offer(&self, freshness: Freshness, now: UnixTime) -> Offer<'_, T> {
        let Some(known) = &self.value else {
            return Offer::Nothing;
        };
        let within = |age| now.is_within(age, known.fetched_at);
        if within(freshness.due_after) {
            return Offer::Fresh(&known.value);
        }
        // A clock that was set back makes the value stale, not unusable.
        let is_usable = freshness.expire_after.is_none_or(within) || now < known.fetched_at;
        match (is_usable, self.backs_off(now)) {
            (false, _) => Offer::Nothing,
            (true, true) => Offer::Fresh(&known.value),
            (true, false) => Offer::Due(&known.value),
        }
    }

    /// The last good value, however old.
    pub(crate) fn latest(&self) -> Option<&T> {
        self.value.as_ref().map(|known| &*known.value)
    }

    /// How the last attempt failed, if it did.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.last.as_ref()?.failure.as_deref()
    }

    pub(crate) fn attempts(&self) -> u64 {
        self.attempts
    }

    pub(crate) fn refetched_within(&self, cooldown: Duration, now: UnixTime) -> bool {
        self.refetched.is_some_and(|(_, then)| now.is_within(cooldown, then))
    }

    pub(crate) fn record(&mut self, outcome: Result<T, Error>, purpose: Purpose, now: UnixTime) {
        self.attempts = self.attempts.saturating_add(1);
        if purpose == Purpose::UnknownKey {
            self.refetched = Some((self.attempts, now));
        }
        let failure = match outcome {
            Ok(value) => {
                let (value, attempt) = (Arc::new(value), self.attempts);
                self.value = Some(Known { value, attempt, fetched_at: now });
                None
            }
            Err(error) => Some(Arc::new(error)),
        };
        self.last = Some(Attempt { number: self.attempts, ended_at: now, failure });
    }

    pub(crate) fn backs_off(&self, now: UnixTime) -> bool {
        self.last.as_ref().is_some_and(|attempt| {
            attempt.failure.is_some() && now.is_within(BACK_OFF, attempt.ended_at)
        })
    }

    /// By the number of the attempt first: it grows also while a clock is set back.
    fn join(&mut self, other: &Self) {
        let fetched = |slot: &Self| slot.value.as_ref().map(|v| (v.attempt, v.fetched_at));
        let ended = |slot: &Self| slot.last.as_ref().map(|last| (last.number, last.ended_at));
        if fetched(other) > fetched(self) {
            self.value.clone_from(&other.value);
        }
        if ended(other) > ended(self) {
            self.last.clone_from(&other.last);
        }
        self.attempts = self.attempts.max(other.attempts);
        self.refetched = self.refetched.max(other.refetched);
    }
}

// By hand, because a derive would ask for `T: Clone` and `T: Default`.
impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self {
            value: self.value.clone(),
            attempts: self.attempts,
            last: self.last.clone(),
            refetched: self.refetched,
        }
    }
}

impl<T> Clone for Known<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), attempt: self.attempt, fetched_at: self.fetched_at }
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { value: None, attempts: 0, last: None, refetched: None }
    }
}
