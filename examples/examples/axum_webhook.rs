//! A receiver of webhooks: events that Fief has signed.

mod fief;

use axum::{Router, routing::post};
use clap::Parser;
use fief_axum::webhook::{Event, Webhook, WebhookSecret};
use fief_devserver::{User, Webhook as Subscription};

use crate::fief::{Arguments, Outcome, Party};

/// A receiver of Fief's webhooks
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,

    /// The secret that your Fief server showed for the webhook
    #[arg(long, env = "FIEF_WEBHOOK_SECRET", default_value = "embedded", hide_env_values = true)]
    secret: String,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let command = Command::parse();
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).init();
    let party = Party::gather(&command.arguments, |server, here| {
        let here = here.replace("localhost", "127.0.0.1");
        server.webhook(Subscription::new(format!("{here}/webhook"), &command.secret))
    });
    let party = party.await?;

    let app = Router::new()
        .route("/webhook", post(receive))
        .with_state(WebhookSecret::new(command.secret.as_str()));
    println!("Webhook  {}/webhook", party.here);
    // Causes an event. A server that another example has started does not know this webhook.
    if let Some(server) = &party.server {
        server.add_user(User::new("renee@bretagne.duchy", "hermine-tincture-1499"))?;
    }
    Ok(axum::serve(party.listener, app).await?)
}

async fn receive(Webhook(event): Webhook) {
    match event {
        Event::UserCreated(user) => println!("A user is new: {}", user.email),
        Event::UserUpdated(user) => println!("A user has changed: {}", user.email),
        Event::UserDeleted(user) => println!("A user is gone: {}", user.email),
        Event::UserPermissionCreated(given) => {
            println!("{} was given {}", given.user_id, given.permission.codename);
        }
        Event::UserPermissionDeleted(removed) => {
            println!("{} lost {}", removed.user_id, removed.permission.codename);
        }
        event => println!("Something else: {}", event.event_type()),
    }
}
