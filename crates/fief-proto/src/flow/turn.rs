//! The part that all flows share: whose turn it is, and what is still needed of the provider.

use std::{mem, time::Duration};

use http::{Method, uri::PathAndQuery};

use super::contract::{Input, Step};
use crate::{
    base::time::UnixTime,
    config::settings::Settings,
    error::{Error, provider::ProviderError},
    http::{request::Request, response::Response},
    jose::jwk::KeySet,
    provider::{Document, Freshness, Offer, Provider, Slot, Ticket, metadata::Metadata},
};

/// When the discovery document is due for a refresh. A server that is down does not make it
/// unusable: it names paths and the issuer, which are checked against the configuration.
fn of_discovery(settings: &Settings) -> Freshness {
    Freshness {
        due_after: Duration::from_secs(24 * 60 * 60),
        expire_after: None,
        leeway: settings.leeway,
    }
}

fn of_keys(settings: &Settings) -> Freshness {
    Freshness {
        due_after: settings.keys_due_after,
        expire_after: Some(settings.keys_expire_after),
        leeway: settings.leeway,
    }
}

/// What the flow waits for.
#[derive(Debug, Default)]
enum Awaiting {
    /// The first `Go`.
    #[default]
    Start,
    /// The end of a shared fetch.
    Shared(Ticket),
    /// The answer to its own request.
    Own,
    /// Nothing more.
    End,
}

/// What the flow has asked of one document.
#[derive(Debug, Default)]
struct Asked {
    /// An attempt has ended since the flow asked.
    settled: bool,
    /// The flow was told to go on without.
    skipped: bool,
}

/// Keeps the contract: what may come next, and that each document is asked for once.
#[derive(Debug, Default)]
pub(super) struct Turn {
    awaiting: Awaiting,
    discovery: Asked,
    keys: Asked,
}

/// Why an inner step of a flow does not go on: something has to be sent first, or it has failed.
#[derive(Debug)]
pub(super) enum Pause {
    Fail(Error),
    Send(Request),
}

impl<E: Into<Error>> From<E> for Pause {
    fn from(error: E) -> Self {
        Self::Fail(error.into())
    }
}

/// The step of a flow, from what its inner steps have come to.
pub(super) fn step<T>(outcome: Result<T, Pause>) -> Result<Step<T>, Error> {
    match outcome {
        Ok(output) => Ok(Step::Done(output)),
        Err(Pause::Send(request)) => Ok(Step::Send(request)),
        Err(Pause::Fail(error)) => Err(error),
    }
}

/// What to do about keys that are still good while a refresh is due.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum WhenDue {
    /// Have them fetched in the background.
    Refresh,
    /// Use them, and leave the one fetch of this flow for a key that is not among them.
    Use,
}

impl Turn {
    /// Accepts the driver's input, which must fit what was awaited. Ends the flow unless something
    /// is awaited again afterwards.
    pub(super) fn accept(
        &mut self,
        provider: &Provider,
        input: Input,
    ) -> Result<Option<Response>, Error> {
        match (mem::replace(&mut self.awaiting, Awaiting::End), input) {
            (Awaiting::Start, Input::Go) => Ok(None),
            (Awaiting::Shared(ticket), Input::Go) if provider.settled(&ticket) => {
                self.asked(ticket.document).settled = true;
                Ok(None)
            }
            (Awaiting::Shared(ticket), Input::Skip) if ticket.is_optional() => {
                self.asked(ticket.document).skipped = true;
                Ok(None)
            }
            (Awaiting::Own, Input::Response(response)) => Ok(Some(response)),
            (Awaiting::Start, _) => Err(Error::Misuse("begin with `Go`")),
            (Awaiting::Shared(_), Input::Go) => {
                Err(Error::Misuse("`Go`, but the provider has not settled the ticket"))
            }
            (Awaiting::Shared(_), Input::Skip) => Err(Error::Misuse("the ticket is not optional")),
            (Awaiting::Shared(_), Input::Response(_)) => {
                Err(Error::Misuse("the answer to a ticket goes to `learn`, then resume with `Go`"))
            }
            (Awaiting::Own, _) => Err(Error::Misuse("the flow awaits a response")),
            (Awaiting::End, _) => Err(Error::Misuse("the flow is over")),
        }
    }

    /// The same memory of what was asked, for a flow that begins where another ends.
    pub(super) fn restarted(self) -> Self {
        Self { awaiting: Awaiting::Start, ..self }
    }

    /// Sends the flow's own request.
    pub(super) fn send(&mut self, request: Request) -> Pause {
        self.awaiting = Awaiting::Own;
        Pause::Send(request)
    }

    pub(super) fn metadata<'p>(
        &mut self,
        settings: &Settings,
        provider: &'p Provider,
        now: UnixTime,
    ) -> Result<&'p Metadata, Pause> {
        let (settings, slot) = (settings, &provider.discovery);
        match consult(settings, slot, &self.discovery, of_discovery(settings), now)? {
            Consulted::Use(metadata) => Ok(metadata),
            Consulted::Ask { is_optional } => {
                let path = settings
                    .base
                    .own_path("/.well-known/openid-configuration")
                    .ok_or(Error::Misuse("a base URL that was not checked"))?;
                let attempts = slot.attempts();
                let ticket = Ticket { document: Document::Discovery, attempts, is_optional };
                Err(self.fetch(settings, ticket, &path))
            }
        }
    }

    pub(super) fn keys<'p>(
        &mut self,
        settings: &Settings,
        metadata: &Metadata,
        provider: &'p Provider,
        now: UnixTime,
        when_due: WhenDue,
    ) -> Result<&'p KeySet, Pause> {
        let (settings, slot) = (settings, &provider.keys);
        let mut freshness = of_keys(settings);
        if when_due == WhenDue::Use {
            freshness.due_after = settings.keys_expire_after;
        }
        match consult(settings, slot, &self.keys, freshness, now)? {
            Consulted::Use(keys) => Ok(keys),
            Consulted::Ask { is_optional } => {
                let attempts = slot.attempts();
                let ticket = Ticket { document: Document::Keys, attempts, is_optional };
                Err(self.fetch(settings, ticket, &metadata.jwks_uri))
            }
        }
    }

    /// What to do about an access token whose key is not in the set. Anybody can send one: keys
    /// that came within the cooldown, or in this very flow, are not fetched again for it.
    ///
    /// `unknown` is the error if the key is unknown for good.
    pub(super) fn refetch_keys(
        &mut self,
        settings: &Settings,
        metadata: &Metadata,
        provider: &Provider,
        now: UnixTime,
        unknown: Error,
    ) -> Pause {
        let (settings, slot) = (settings, &provider.keys);
        if self.keys.settled || slot.tried_within(settings.key_refetch_cooldown, now) {
            // Without the keys it can't be said that the token's key is unknown.
            return Pause::Fail(slot.failure().cloned().unwrap_or(unknown));
        }
        self.fetch_keys_again(settings, metadata, provider)
    }

    /// What to do about an ID token whose key is not in the set. Only Fief sends those: the keys
    /// are fetched once more, whatever others have done, unless this flow has waited for them.
    /// None if it has: then the failure of that fetch, if it failed, is the cause.
    pub(super) fn refetch_keys_for_id_token(
        &mut self,
        settings: &Settings,
        metadata: &Metadata,
        provider: &Provider,
    ) -> Option<Pause> {
        (!self.keys.settled).then(|| self.fetch_keys_again(settings, metadata, provider))
    }

    fn fetch_keys_again(
        &mut self,
        settings: &Settings,
        metadata: &Metadata,
        provider: &Provider,
    ) -> Pause {
        let attempts = provider.keys.attempts();
        let ticket = Ticket { document: Document::Keys, attempts, is_optional: false };
        self.fetch(settings, ticket, &metadata.jwks_uri)
    }

    fn fetch(&mut self, settings: &Settings, ticket: Ticket, path: &PathAndQuery) -> Pause {
        self.awaiting = Awaiting::Shared(ticket);
        let uri = settings.base.uri(path);
        let request = Request::new(settings, ticket.endpoint(), Method::GET, uri);
        Pause::Send(request.with_ticket(ticket))
    }

    fn asked(&mut self, document: Document) -> &mut Asked {
        match document {
            Document::Discovery => &mut self.discovery,
            Document::Keys => &mut self.keys,
        }
    }
}

/// Both documents as they are, for a flow that has had both and whose own request was answered:
/// nothing more is asked for then, however old they have become.
pub(super) fn at_hand<'p>(
    settings: &Settings,
    provider: &'p Provider,
) -> Result<(&'p Metadata, &'p KeySet), Error> {
    let id = settings.provider_id;
    if !provider.discovery.is_of(id) || !provider.keys.is_of(id) {
        return Err(Error::Misuse("the provider was replaced by one of another configuration"));
    }
    match (provider.discovery.latest(), provider.keys.latest()) {
        (Some(metadata), Some(keys)) => Ok((metadata, keys)),
        _ => Err(Error::Misuse("the provider was replaced by an empty one")),
    }
}

/// Both documents, if a flow that begins now would ask for neither.
pub(crate) fn fresh<'p>(
    settings: &Settings,
    provider: &'p Provider,
    now: UnixTime,
) -> Option<(&'p Metadata, &'p KeySet)> {
    let id = settings.provider_id;
    if !provider.discovery.is_of(id) || !provider.keys.is_of(id) {
        return None;
    }
    let metadata = provider.discovery.offer(of_discovery(settings), now);
    let keys = provider.keys.offer(of_keys(settings), now);
    match (metadata, keys) {
        (Offer::Fresh(metadata), Offer::Fresh(keys)) => Some((metadata, keys)),
        _ => None,
    }
}

enum Consulted<'a, T> {
    Use(&'a T),
    Ask { is_optional: bool },
}

fn consult<'a, T>(
    settings: &Settings,
    slot: &'a Slot<T>,
    asked: &Asked,
    freshness: Freshness,
    now: UnixTime,
) -> Result<Consulted<'a, T>, Error> {
    if !slot.is_of(settings.provider_id) {
        return Err(ProviderError::OtherClient.into());
    }
    match slot.offer(freshness, now) {
        Offer::Fresh(value) => Ok(Consulted::Use(value)),
        Offer::Due(value) if asked.settled || asked.skipped => Ok(Consulted::Use(value)),
        Offer::Due(_) => Ok(Consulted::Ask { is_optional: true }),
        // What has just come is used, however short the configured ages are.
        Offer::Nothing if asked.settled => match (slot.failure(), slot.latest()) {
            (None, Some(value)) => Ok(Consulted::Use(value)),
            (Some(failure), _) => Err(failure.clone()),
            (None, None) => Err(Error::Misuse("the provider was replaced by an empty one")),
        },
        Offer::Nothing => Ok(Consulted::Ask { is_optional: false }),
    }
}
