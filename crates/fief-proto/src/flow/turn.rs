//! The part that all flows share: whose turn it is, and what is still needed of the provider.

use std::{mem, time::Duration};

use http::{Method, Uri};

use super::Input;
use crate::{
    Client, Error, Provider, Request, Response, UnixTime,
    config::Settings,
    jwk::KeySet,
    metadata::Metadata,
    provider::{Document, Freshness, Offer, Purpose, Slot, Ticket},
};

/// When the discovery document is due for a refresh. A server that is down does not make it
/// unusable: it names paths and the issuer, which are checked against the configuration.
const DISCOVERY: Freshness =
    Freshness { due_after: Duration::from_secs(24 * 60 * 60), expire_after: None };

fn of_keys(settings: &Settings) -> Freshness {
    Freshness { due_after: settings.keys_due_after, expire_after: Some(settings.keys_expire_after) }
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

/// Keeps the contract: who speaks next, and that each document is asked for once.
#[derive(Debug, Default)]
pub(super) struct Turn {
    awaiting: Awaiting,
    discovery: Asked,
    keys: Asked,
}

/// A document, or what to send for it.
pub(super) enum Need<T> {
    Met(T),
    Fetch(Request),
}

/// `Need`'s question mark: hands the request to the driver.
macro_rules! met {
    ($need:expr) => {
        match $need? {
            $crate::flow::turn::Need::Met(value) => value,
            $crate::flow::turn::Need::Fetch(request) => return Ok($crate::Step::Send(request)),
        }
    };
}
pub(super) use met;

impl Turn {
    /// Takes the driver's input, which must fit what was awaited. Ends the flow unless something is
    /// awaited again afterwards.
    pub(super) fn take(
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
    pub(super) fn send<T>(&mut self, request: Request) -> super::Step<T> {
        self.awaiting = Awaiting::Own;
        super::Step::Send(request)
    }

    pub(super) fn metadata<'p>(
        &mut self,
        client: &Client,
        provider: &'p Provider,
        now: UnixTime,
    ) -> Result<Need<&'p Metadata>, Error> {
        let settings = client.settings();
        match consult(&provider.discovery, &self.discovery, DISCOVERY, now)? {
            Consulted::Use(metadata) => Ok(Need::Met(metadata)),
            Consulted::Ask(purpose) => {
                let uri = settings
                    .base
                    .endpoint("/.well-known/openid-configuration")
                    .map_err(|()| Error::Misuse("a base URL that was not checked"))?;
                let slot = &provider.discovery;
                Ok(Need::Fetch(self.fetch(settings, slot, Document::Discovery, purpose, uri)))
            }
        }
    }

    pub(super) fn keys<'p>(
        &mut self,
        client: &Client,
        metadata: &Metadata,
        provider: &'p Provider,
        now: UnixTime,
    ) -> Result<Need<&'p KeySet>, Error> {
        let settings = client.settings();
        match consult(&provider.keys, &self.keys, of_keys(settings), now)? {
            Consulted::Use(keys) => Ok(Need::Met(keys)),
            Consulted::Ask(purpose) => {
                let uri = metadata.jwks_uri.clone();
                let slot = &provider.keys;
                Ok(Need::Fetch(self.fetch(settings, slot, Document::Keys, purpose, uri)))
            }
        }
    }

    /// What to do about a key that is not in the set: ask again, if that may help and is allowed.
    ///
    /// Returns the request to send, or none if the key is unknown for good.
    pub(super) fn refetch_keys(
        &mut self,
        client: &Client,
        metadata: &Metadata,
        provider: &Provider,
        now: UnixTime,
    ) -> Result<Option<Request>, Error> {
        let settings = client.settings();
        let slot = &provider.keys;
        let is_throttled =
            slot.backs_off(now) || slot.refetched_within(settings.key_refetch_cooldown, now);
        if self.keys.settled || is_throttled {
            return match slot.failure() {
                // That the token's key is unknown can't be told without a look at the keys.
                Some(failure) => Err(failure.clone()),
                None => Ok(None),
            };
        }
        let uri = metadata.jwks_uri.clone();
        Ok(Some(self.fetch(settings, slot, Document::Keys, Purpose::UnknownKey, uri)))
    }

    fn fetch(
        &mut self,
        settings: &Settings,
        slot: &Slot<impl Sized>,
        document: Document,
        purpose: Purpose,
        uri: Uri,
    ) -> Request {
        let ticket = Ticket { document, attempts: slot.attempts(), purpose };
        self.awaiting = Awaiting::Shared(ticket);
        let endpoint = ticket.endpoint();
        Request::new(settings, endpoint, Method::GET, uri).with_ticket(ticket)
    }

    fn asked(&mut self, document: Document) -> &mut Asked {
        match document {
            Document::Discovery => &mut self.discovery,
            Document::Keys => &mut self.keys,
        }
    }
}

/// Both documents, if a flow that begins now would ask for neither.
pub(crate) fn fresh<'p>(
    client: &Client,
    provider: &'p Provider,
    now: UnixTime,
) -> Option<(&'p Metadata, &'p KeySet)> {
    let metadata = provider.discovery.offer(DISCOVERY, now);
    let keys = provider.keys.offer(of_keys(client.settings()), now);
    match (metadata, keys) {
        (Offer::Fresh(metadata), Offer::Fresh(keys)) => Some((metadata, keys)),
        _ => None,
    }
}

enum Consulted<'a, T> {
    Use(&'a T),
    Ask(Purpose),
}

fn consult<'a, T>(
    slot: &'a Slot<T>,
    asked: &Asked,
    freshness: Freshness,
    now: UnixTime,
) -> Result<Consulted<'a, T>, Error> {
    match slot.offer(freshness, now) {
        Offer::Fresh(value) => Ok(Consulted::Use(value)),
        Offer::Due(value) if asked.settled || asked.skipped => Ok(Consulted::Use(value)),
        Offer::Due(_) => Ok(Consulted::Ask(Purpose::Refresh)),
        // What has just come is used, however short the configured ages are.
        Offer::Nothing if asked.settled => match (slot.failure(), slot.latest()) {
            (None, Some(value)) => Ok(Consulted::Use(value)),
            (Some(failure), _) => Err(failure.clone()),
            (None, None) => Err(Error::Misuse("the provider was replaced by an empty one")),
        },
        Offer::Nothing => Ok(Consulted::Ask(Purpose::First)),
    }
}
