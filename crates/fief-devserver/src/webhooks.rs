//! Webhooks: events are signed, delivered in order, and tried again a few times.

use std::{
    fmt::Write,
    sync::mpsc::{Receiver, sync_channel},
    thread,
    time::Duration,
};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use ureq::Agent;
use url::{Host, Url};

use crate::{
    error::StartError,
    http::app::App,
    observe::Delivery,
    settings::Webhook,
    store::{Event, Subscriber},
};

/// How many events may wait for a receiver; it does not get further ones.
const QUEUE: usize = 1000;

/// The pauses between attempts. Those of the real server are 15 to 240 s.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

const USER_AGENT: &str = concat!("fief-server-webhooks/", env!("CARGO_PKG_VERSION"));

/// Refuses a webhook that is not http, or not on this machine unless other hosts are allowed.
pub(crate) fn check(webhook: &Webhook, beyond_loopback: bool) -> Result<(), StartError> {
    let url = Url::parse(&webhook.url).ok().filter(|url| url.scheme() == "http");
    let is_near = url.as_ref().and_then(Url::host).is_some_and(|host| match host {
        Host::Domain(name) => beyond_loopback || name == "localhost",
        Host::Ipv4(address) => beyond_loopback || address.is_loopback(),
        Host::Ipv6(address) => beyond_loopback || address.is_loopback(),
    });
    if is_near { Ok(()) } else { Err(StartError::Webhook(webhook.url.clone())) }
}

/// Subscribes a webhook to the events, and delivers them in a thread of its own until the server
/// stops.
pub(crate) fn subscribe(webhook: Webhook, app: &App) -> Result<(), StartError> {
    let (queue, events) = sync_channel(QUEUE);
    let subscriber = Subscriber { event_types: webhook.events.clone(), queue };
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .user_agent(USER_AGENT)
        .timeout_global(Some(PATIENCE));
    let sender = Sender { agent: config.build().into(), webhook, app: app.clone() };
    thread::Builder::new().name("fief-webhook".to_owned()).spawn(move || sender.run(&events))?;
    app.store().subscribers.push(subscriber);
    Ok(())
}

struct Sender {
    agent: Agent,
    webhook: Webhook,
    app: App,
}

impl Sender {
    fn run(&self, events: &Receiver<Event>) {
        while let Ok(event) = events.recv() {
            self.deliver(&event);
        }
    }

    fn deliver(&self, event: &Event) {
        let body = json!({"type": event.event_type, "data": event.data}).to_string();
        let mut pauses = PAUSES.into_iter();
        for attempt in 1.. {
            if self.app.is_stopped() {
                return;
            }
            let status = self.attempt(&body);
            self.app.observed().deliveries.add(Delivery {
                url: self.webhook.url.clone(),
                event_type: event.event_type,
                attempt,
                status,
            });
            if status.is_some_and(|status| (200..300).contains(&status)) {
                return;
            }
            let Some(pause) = pauses.next() else { return };
            thread::sleep(pause);
        }
    }

    /// The status of the answer, if there is one.
    fn attempt(&self, body: &str) -> Option<u16> {
        let timestamp = self.app.now().to_string();
        let request = self
            .agent
            .post(&self.webhook.url)
            .content_type("application/json")
            .header("x-fief-webhook-signature", self.signature(&timestamp, body)?)
            .header("x-fief-webhook-timestamp", timestamp);
        Some(request.send(body).ok()?.status().as_u16())
    }

    /// The lower-case hex HMAC-SHA-256, keyed with the bytes of the secret, over `timestamp.body`.
    fn signature(&self, timestamp: &str, body: &str) -> Option<String> {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.webhook.secret.as_bytes()).ok()?;
        let mac = mac.chain_update(timestamp).chain_update(".").chain_update(body);
        let mut hex = String::new();
        for byte in mac.finalize().into_bytes() {
            write!(hex, "{byte:02x}").ok()?;
        }
        Some(hex)
    }
}
