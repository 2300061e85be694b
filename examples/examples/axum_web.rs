//! A site whose users sign in with a browser: login pages, session, cached user.

mod fief;

use axum::{Router, response::Html, routing::get};
use clap::Parser;
use fief_axum::{
    Acr, AuthorizationRequest, CurrentUser, Fief, FreshUser, RedisSessionStore, Requirements,
    UserInfo, WebLogin,
};

use crate::fief::{Arguments, Outcome, Party};

/// A site, protected by Fief
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,

    /// The URL of the site behind a proxy: <https://www.example.com/app>
    #[arg(long, value_name = "URL")]
    site: Option<String>,

    /// A Redis for the sessions, which other processes may share
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let command = Command::parse();
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).init();
    let party = Party::gather(&command.arguments, |server, _| server).await?;

    let site = command.site.as_ref().unwrap_or(&party.here).trim_end_matches('/');
    let request =
        AuthorizationRequest::new(format!("{site}/callback")).scope(["openid", "offline_access"]);
    let prefix = site.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
    let mut login = WebLogin::builder(Fief::new(party.config)?, request).prefix(prefix);
    if let Some(url) = &command.redis {
        login = login.session_store(RedisSessionStore::new(url, "castles:")?);
    }
    let login = login.build()?;

    let high = login.auth().require(Requirements::none().acr(Acr::LevelOne));
    let pages = Router::new()
        .route("/", get(home))
        .route("/account", get(account))
        .route("/now", get(now))
        .route("/treasury", get(async || page("The treasury is full.")).layer(high))
        .with_state(login.clone());
    println!("Site     {}", party.here);
    Ok(axum::serve(party.listener, login.mount(pages)).await?)
}

/// Needs no sign-in.
async fn home(user: Option<CurrentUser>) -> Html<String> {
    let Some(user) = user else {
        return page("Hello, guest. <a href='account'>Sign in</a>");
    };
    page(&format!(
        "Hello, {}.
        <p><a href='account'>Your account</a>, <a href='now'>as Fief has it now</a>,
        <a href='treasury'>the treasury</a> (asks for your password)
        <form method='post' action='logout'><button>Sign out</button></form>",
        escaped(user.email.as_deref().unwrap_or_default())
    ))
}

/// From the cache, for users who have signed in; others are sent to the login.
async fn account(user: CurrentUser) -> Html<String> {
    described(&user)
}

/// From Fief.
async fn now(user: FreshUser) -> Html<String> {
    described(&user)
}

fn described(user: &UserInfo) -> Html<String> {
    let email = escaped(user.email.as_deref().unwrap_or("no address"));
    let fields = user.fields.iter().flatten();
    let rows = fields
        .map(|(name, value)| format!("<li>{}: {}", escaped(name), escaped(&value.to_string())));
    page(&format!("{email}<ul>{}</ul><a href='.'>Home</a>", rows.collect::<String>()))
}

fn page(content: &str) -> Html<String> {
    Html(format!("<!doctype html><meta charset='utf-8'><title>Castles</title>{content}"))
}

/// Escapes what users have written.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;")
}
