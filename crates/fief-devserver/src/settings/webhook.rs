//! Webhooks.

use std::fmt;

use serde::Deserialize;

/// Where events are delivered, as it is set up at the start.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Webhook {
    /// Where each event is sent with POST: an http URL, on loopback unless the server was let
    /// beyond it.
    pub url: String,
    /// What deliveries are signed with.
    pub secret: String,
    /// The types of event that are delivered; all if left empty.
    #[serde(default)]
    pub events: Vec<String>,
}

impl Webhook {
    /// Delivers all events to that URL, signed with that secret.
    pub fn new(url: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { url: url.into(), secret: secret.into(), events: Vec::new() }
    }

    /// Delivers events of that type, and no longer those that are not named.
    pub fn event(mut self, event_type: impl Into<String>) -> Self {
        self.events.push(event_type.into());
        self
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("url", &self.url)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
