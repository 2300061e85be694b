//! What happens to the world while it runs, and who is told.

use serde_json::Value;
use tokio::sync::mpsc;

use super::World;

/// An event, by the name and in the shape of the real server.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) event_type: &'static str,
    pub(crate) data: Value,
}

/// Somebody who wants to know.
pub(crate) struct Subscriber {
    /// The types of event; all if there are none.
    pub(crate) event_types: Vec<String>,
    pub(crate) queue: mpsc::Sender<Event>,
}

impl World {
    /// Puts an event into the queues of those who want it, and never waits: where a queue is full
    /// the event is lost.
    pub(crate) fn tell(&self, event_type: &'static str, data: &Value) {
        for subscriber in &self.subscribers {
            let wanted = &subscriber.event_types;
            if wanted.is_empty() || wanted.iter().any(|wanted| wanted == event_type) {
                let _ = subscriber.queue.try_send(Event { event_type, data: data.clone() });
            }
        }
    }
}
