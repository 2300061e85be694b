//! A site whose users sign in with a browser: login pages, session, cached user.

mod fief;

use axum::{Router, response::Html, routing::get};
use clap::Parser;
use fief_axum::{
    Acr, AuthorizationRequest, CurrentUser, Fief, FiefAuth, FreshUser, TokenSource, UserInfo,
    WebLogin, redirect_to_login,
};

use crate::fief::{Arguments, Outcome, Party};

/// A site, protected by Fief
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let command = Command::parse();
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).init();
    let party = Party::gather(&command.arguments, |server, _| server).await?;

    let auth = FiefAuth::builder(Fief::new(party.config)?)
        .token_sources([TokenSource::session()])
        .answer(redirect_to_login("/login"))
        .build();
    let request = AuthorizationRequest::new(format!("{}/callback", party.here))
        .scope(["openid", "offline_access"]);
    // A program of yours gives it a `cookie_key`, and leaves it `secure`: it is reached with https.
    let login = WebLogin::builder(&auth, request).secure(false).build()?;

    let high = auth.require().acr(Acr::LevelOne);
    let pages = Router::new()
        .route("/", get(home))
        .route("/account", get(account))
        .route("/account/now", get(now))
        .route("/treasury", get(async || page("The treasury is full.")).layer(high))
        .with_state(auth);
    println!("Site     {}", party.here);
    Ok(axum::serve(party.listener, login.mount(pages)).await?)
}

/// For everybody.
async fn home(user: Option<CurrentUser>) -> Html<String> {
    let Some(CurrentUser(user)) = user else {
        return page("Hello, stranger. <a href='/login?return_to=/account'>Sign in</a>");
    };
    page(&format!(
        "Hello, {}.
        <p><a href='/account'>Your account</a>, <a href='/account/now'>as Fief has it now</a>,
        <a href='/treasury'>the treasury</a> (asks for your password)
        <form method='post' action='/logout'><button>Sign out</button></form>",
        escaped(&user.email.unwrap_or_default())
    ))
}

/// From the cache, for those who have signed in; others are asked to.
async fn account(CurrentUser(user): CurrentUser) -> Html<String> {
    described(&user)
}

/// From Fief.
async fn now(FreshUser(user): FreshUser) -> Html<String> {
    described(&user)
}

fn described(user: &UserInfo) -> Html<String> {
    let email = escaped(user.email.as_deref().unwrap_or("no address"));
    let fields = user.fields.iter().flatten();
    let rows = fields
        .map(|(name, value)| format!("<li>{}: {}", escaped(name), escaped(&value.to_string())));
    page(&format!("{email}<ul>{}</ul><a href='/'>Home</a>", rows.collect::<String>()))
}

fn page(content: &str) -> Html<String> {
    Html(format!("<!doctype html><meta charset='utf-8'><title>Castles</title>{content}"))
}

/// What users have written, as text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;")
}
