//! Delivery: signed, and tried again for a moment.

use std::{fmt::Write, time::Duration};

use axum::body::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper::{Request, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::json;
use sha2::Sha256;
use tokio::{sync::mpsc, time};

use super::Delivery;
use crate::{
    http::App,
    settings::Webhook,
    world::{Event, Subscriber},
};

/// So many events wait for a receiver; what happens then is lost to it.
const QUEUE: usize = 1000;

/// Between the attempts. The real server's are 15 to 240 s.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

const USER_AGENT: &str = concat!("fief-server-webhooks/", env!("CARGO_PKG_VERSION"));

/// Who is to be put among the world's subscribers, and what then delivers to it for ever: one
/// event after the other, so that they arrive in order.
pub(crate) fn deliver(
    webhook: Webhook,
    place: Uri,
    app: App,
) -> (Subscriber, impl Future<Output = ()> + Send) {
    let (queue, mut events) = mpsc::channel(QUEUE);
    let subscriber = Subscriber { event_types: webhook.events.clone(), queue };
    let delivery = async move {
        let sender = Sender { client: client(), webhook, place, app };
        while let Some(event) = events.recv().await {
            sender.deliver(&event).await;
        }
    };
    (subscriber, delivery)
}

fn client() -> Client<HttpConnector, Full<Bytes>> {
    // As the real server's client writes them, for receivers that look at the case of headers.
    Client::builder(TokioExecutor::new()).http1_title_case_headers(true).build_http()
}

struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    webhook: Webhook,
    place: Uri,
    app: App,
}

impl Sender {
    async fn deliver(&self, event: &Event) {
        let body = json!({"type": event.event_type, "data": event.data}).to_string();
        let mut pauses = PAUSES.into_iter();
        for attempt in 1.. {
            let status = self.attempt(&body).await;
            self.app.deliveries().add(Delivery {
                url: self.webhook.url.clone(),
                event_type: event.event_type,
                attempt,
                status,
            });
            if status.is_some_and(|status| (200..300).contains(&status)) {
                return;
            }
            let Some(pause) = pauses.next() else { return };
            time::sleep(pause).await;
        }
    }

    /// The status of the answer, if there is one.
    async fn attempt(&self, body: &str) -> Option<u16> {
        let timestamp = self.app.now().to_string();
        let request = Request::post(&self.place)
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-fief-webhook-signature", self.signature(&timestamp, body)?)
            .header("x-fief-webhook-timestamp", timestamp)
            .body(Full::from(body.to_owned()))
            .ok()?;
        let answer = time::timeout(PATIENCE, self.client.request(request)).await.ok()?.ok()?;
        Some(answer.status().as_u16())
    }

    /// The lower-case hex HMAC-SHA-256, keyed with the text of the secret, over `timestamp.body`.
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
