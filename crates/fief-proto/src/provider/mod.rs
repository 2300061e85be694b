//! What was learned from the server: one value, owned by the driver.

pub(crate) mod metadata;

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use self::metadata::Metadata;
use crate::{
    base::time::UnixTime, config::settings::ProviderId, error::Error, http::endpoint::Endpoint,
    jose::jwk::KeySet,
};

/// The discovery document and the keys, as last seen, with when and how they were fetched.
///
/// Cheap to clone. Flows only read it; [`Client::learn`](crate::Client::learn) alone writes it, and
/// never loses a good value to a failed attempt. Start with `Provider::default()`, which knows
/// nothing yet, or with [`Provider::from_documents`].
///
/// A provider has one writer at a time, and belongs to one configuration: what was learned by a
/// client of another server, tenant or configuration is refused
/// ([`ProviderError::OtherClient`](crate::ProviderError::OtherClient)).
///
/// ```
/// use fief_proto::flow::{Flow as _, Input, Step};
/// use fief_proto::{Config, Provider, TransportError, TransportErrorKind, UnixTime};
///
/// let client = Config::new("https://example.fief.dev", "CLIENT_ID").build()?;
/// let now = UnixTime::from_secs(1_790_000_000); // from your clock
/// let mut provider = Provider::default();
/// assert_eq!(provider.issuer(), None); // it knows nothing yet
///
/// let mut flow = client.userinfo("ACCESS_TOKEN")?;
/// let Step::Send(request) = flow.resume(&provider, now, Input::Go)? else { unreachable!() };
/// let ticket = request.ticket().expect("the discovery document is shared");
/// assert!(!provider.settled(&ticket));
///
/// let failed = TransportError::new(TransportErrorKind::Connect, "example.fief.dev");
/// client.learn(&mut provider, ticket, now, Err(failed)); // failures are learned, too
/// assert!(provider.settled(&ticket));
/// # Ok::<(), fief_proto::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Provider {
    pub(crate) discovery: Slot<Metadata>,
    pub(crate) keys: Slot<KeySet>,
}

/// The documents that a provider is made of, to be kept between two runs of a program: for a start
/// without network.
///
/// They are public. Keep them where only this program can write: a program that changes the keys
/// can sign tokens.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProviderDocuments {
    /// The discovery document, as the server sent it.
    pub discovery: String,
    /// The key set, as the server sent it.
    pub keys: String,
    /// When the older of the two was fetched.
    pub fetched_at: UnixTime,
}

impl Provider {
    /// The documents as they were last fetched, once both are known, for
    /// [`from_documents`](Self::from_documents) in another process.
    pub fn documents(&self) -> Option<ProviderDocuments> {
        let (discovery, keys) = (self.discovery.value.as_ref()?, self.keys.value.as_ref()?);
        // They were read as UTF-8 before.
        let string = |document: &[u8]| String::from_utf8_lossy(document).into_owned();
        Some(ProviderDocuments {
            discovery: string(&discovery.document),
            keys: string(&keys.document),
            fetched_at: discovery.fetched_at.min(keys.fetched_at),
        })
    }

    /// Who this is: the `iss` of its tokens. None before the discovery document is known.
    pub fn issuer(&self) -> Option<&str> {
        self.discovery.value.as_ref().map(|known| known.value.issuer.as_str())
    }

    /// Whether an attempt has finished since this ticket was written, with success or without.
    ///
    /// A driver asks this while it holds the lock that lets one caller fetch at a time, with the
    /// provider loaded afresh: if true, nothing is to be sent for the ticket.
    pub fn settled(&self, ticket: &Ticket) -> bool {
        let attempts = match ticket.document {
            Document::Discovery => self.discovery.attempts,
            Document::Keys => self.keys.attempts,
        };
        attempts > ticket.attempts
    }
}

/// A flow's request for a shared document: which one, and how many fetches had ended by then.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ticket {
    pub(crate) document: Document,
    /// How many attempts had finished when the flow first asked.
    pub(crate) attempts: u64,
    pub(crate) is_optional: bool,
}

impl Ticket {
    /// Where the document is.
    pub fn endpoint(&self) -> Endpoint {
        match self.document {
            Document::Discovery => Endpoint::Discovery,
            Document::Keys => Endpoint::Keys,
        }
    }

    /// Whether the flow can go on without: a driver starts the fetch in the background, or sees
    /// that one is under way, and resumes with [`Input::Skip`](crate::flow::Input::Skip) at once.
    pub fn is_optional(&self) -> bool {
        self.is_optional
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Document {
    Discovery,
    Keys,
}

/// One document: the last good value, and the last attempt.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    value: Option<Arc<Known<T>>>,
    attempts: u64,
    last: Option<Attempt>,
}

struct Known<T> {
    value: T,
    /// As the server sent it.
    document: Vec<u8>,
    /// Whose it is.
    provider: ProviderId,
    fetched_at: UnixTime,
}

impl<T: fmt::Debug> fmt::Debug for Known<T> {
    /// Without the document, which is long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("value", &self.value)
            .field("fetched_at", &self.fetched_at)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
struct Attempt {
    ended_at: UnixTime,
    /// How it failed, if it did.
    failure: Option<Arc<Error>>,
    /// How many attempts have failed one after the other, this one included.
    failures: u32,
}

/// How fresh a document has to be.
#[derive(Clone, Copy)]
pub(crate) struct Freshness {
    pub due_after: Duration,
    /// None for a document that is used however old it is.
    pub expire_after: Option<Duration>,
    /// How far back the clock may have been set without making the document unusable.
    pub leeway: Duration,
}

/// What a slot has to offer.
pub(crate) enum Offer<'a, T> {
    Fresh(&'a T),
    /// Still usable, but a refresh is due and no back-off delays it.
    Due(&'a T),
    Nothing,
}

impl<T> Slot<T> {
    pub(crate) fn known(
        value: T,
        document: &[u8],
        provider: ProviderId,
        fetched_at: UnixTime,
    ) -> Self {
        let document = document.to_vec();
        Self {
            value: Some(Arc::new(Known { value, document, provider, fetched_at })),
            attempts: 1,
            // It was not fetched by this program, so that a missing key may be looked for at once.
            last: None,
        }
    }

    /// Whether what is known, if anything is, was learned by a client of the same provider.
    pub(crate) fn is_of(&self, provider: ProviderId) -> bool {
        self.value.as_ref().is_none_or(|known| known.provider == provider)
    }

    pub(crate) fn offer(&self, freshness: Freshness, now: UnixTime) -> Offer<'_, T> {
        let Some(known) = &self.value else {
            return Offer::Nothing;
        };
        if now.is_within(freshness.due_after, known.fetched_at) {
            return Offer::Fresh(&known.value);
        }
        // Fetched in the future: the clock was set back. The age of the document is unknown then;
        // if the clock was set back by little, it has hardly changed.
        let is_usable = freshness.expire_after.is_none_or(|age| {
            now.is_within(age, known.fetched_at)
                || (now < known.fetched_at && known.fetched_at.is_within(freshness.leeway, now))
        });
        match (is_usable, self.backs_off(now)) {
            (false, _) => Offer::Nothing,
            (true, true) => Offer::Fresh(&known.value),
            (true, false) => Offer::Due(&known.value),
        }
    }

    /// The last good value, however old.
    pub(crate) fn latest(&self) -> Option<&T> {
        self.value.as_ref().map(|known| &known.value)
    }

    /// How the last attempt failed, if it did.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.last.as_ref()?.failure.as_deref()
    }

    pub(crate) fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Whether the last attempt, successful or not, has ended within this time.
    pub(crate) fn tried_within(&self, span: Duration, now: UnixTime) -> bool {
        self.last.as_ref().is_some_and(|attempt| now.is_within(span, attempt.ended_at))
    }

    /// Records how an attempt has ended.
    pub(crate) fn record(
        &mut self,
        outcome: Result<(T, Vec<u8>), Error>,
        provider: ProviderId,
        now: UnixTime,
    ) {
        self.attempts = self.attempts.saturating_add(1);
        let failures = self.last.as_ref().map_or(0, |attempt| attempt.failures);
        let (failure, failures) = match outcome {
            Ok((value, document)) => {
                self.value = Some(Arc::new(Known { value, document, provider, fetched_at: now }));
                (None, 0)
            }
            Err(error) => (Some(Arc::new(error)), failures.saturating_add(1)),
        };
        self.last = Some(Attempt { ended_at: now, failure, failures });
    }

    /// Whether attempts have failed of late, so that the next one waits while something usable is
    /// at hand: 2 seconds after the first, doubling up to a minute.
    fn backs_off(&self, now: UnixTime) -> bool {
        self.last.as_ref().is_some_and(|attempt| {
            let seconds = 1_u64.checked_shl(attempt.failures).map_or(60, |seconds| seconds.min(60));
            attempt.failures > 0 && now.is_within(Duration::from_secs(seconds), attempt.ended_at)
        })
    }
}

// By hand, because a derive would require `T: Clone` and `T: Default`.
impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), attempts: self.attempts, last: self.last.clone() }
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { value: None, attempts: 0, last: None }
    }
}
