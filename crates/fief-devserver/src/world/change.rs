//! What happens to the world, as webhooks tell it.

use serde_json::Value;

/// An event, by the name and in the shape of the real server.
pub(crate) struct Event {
    pub(crate) event_type: &'static str,
    pub(crate) data: Value,
}
