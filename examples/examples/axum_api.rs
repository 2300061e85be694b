//! An API for clients with bearer tokens: scopes, permissions, an optional user, and its
//! documentation with the Authorize button.

mod fief;

use axum::{Json, Router, extract::RawQuery, response::Redirect, routing::get};
use clap::Parser;
use fief_axum::{
    AccessToken, AccessTokenInfo, Config, CurrentUser, Fief, FiefAuth, UserInfo,
    docs::AuthorizationCodeScheme,
};
use serde_json::{Value, json};
use utoipa::{Modify as _, OpenApi};
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi, oauth};

use crate::fief::{Arguments, Outcome, Party};

/// An API, protected by Fief
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,

    /// Another client whose tokens are taken, too: a command-line tool for example
    #[arg(long, value_name = "ID")]
    accept_client: Vec<String>,
}

#[derive(OpenApi)]
#[openapi(info(title = "Castles"), paths(protected, userinfo, hello, castles, catalogue, build))]
struct Api;

#[tokio::main]
async fn main() -> Outcome<()> {
    let command = Command::parse();
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).init();
    let party = Party::gather(&command.arguments, |server, _| server).await?;

    let config = command.accept_client.into_iter().fold(party.config, Config::accept_client);
    let auth = FiefAuth::new(Fief::new(config)?);
    let app = api(&auth).with_state(auth).merge(documentation(&party.fief, &party.here));

    println!("API      {}/protected, /userinfo, /hello, /castles, /catalogue", party.here);
    println!("Docs     {}/docs", party.here);
    Ok(axum::serve(party.listener, app).await?)
}

fn api(auth: &FiefAuth) -> Router<FiefAuth> {
    let read = auth.require().permissions(["castles:read"]);
    let create = auth.require().permissions(["castles:create"]);
    Router::new()
        .route("/protected", get(protected).layer(auth.require().scope("openid")))
        .route("/userinfo", get(userinfo))
        .route("/hello", get(hello))
        .route("/castles", get(castles).layer(read))
        .route("/castles", axum::routing::post(build).layer(create))
        .route("/catalogue", get(catalogue))
}

/// What the token says
#[utoipa::path(get, path = "/protected", security(("OAuth2AuthorizationCodeBearer" = ["openid"])),
    responses((status = 200, body = Value), (status = 401)))]
async fn protected(AccessToken(token): AccessToken) -> Json<AccessTokenInfo> {
    Json(token)
}

/// Who the user is, from the cache
#[utoipa::path(get, path = "/userinfo", security(("OAuth2AuthorizationCodeBearer" = ["openid"])),
    responses((status = 200, body = Value), (status = 401)))]
async fn userinfo(CurrentUser(user): CurrentUser) -> Json<UserInfo> {
    Json(user)
}

/// A greeting for everybody, by name for those who have signed in
#[utoipa::path(get, path = "/hello", responses((status = 200, body = String)),
    security((), ("OAuth2AuthorizationCodeBearer" = ["openid"])))]
async fn hello(user: Option<CurrentUser>) -> String {
    let name = user.and_then(|CurrentUser(user)| user.email);
    format!("Hello, {}!", name.as_deref().unwrap_or("stranger"))
}

/// The castles, for those who may read them
#[utoipa::path(get, path = "/castles", security(("OAuth2AuthorizationCodeBearer" = ["openid"])),
    responses((status = 200, body = Value), (status = 401), (status = 403)))]
async fn castles() -> Json<Value> {
    catalogue().await
}

/// The castles, for everybody
#[utoipa::path(get, path = "/catalogue", responses((status = 200, body = Value)))]
async fn catalogue() -> Json<Value> {
    Json(json!(["Fougères", "Josselin", "Nantes"]))
}

/// Another castle, for those who may create one
#[utoipa::path(post, path = "/castles", security(("OAuth2AuthorizationCodeBearer" = ["openid"])),
    responses((status = 200, body = String), (status = 401), (status = 403)))]
async fn build(AccessToken(token): AccessToken) -> String {
    format!("Built for {}.", token.id)
}

fn documentation(fief: &str, here: &str) -> Router {
    let mut api = Api::openapi();
    AuthorizationCodeScheme::new(fief)
        .scope("openid", "who you are")
        .scope("offline_access", "also without you")
        .modify(&mut api);
    let redirect_url = format!("{here}/docs/oauth2-redirect");
    let config = SwaggerConfig::from("/openapi.json").oauth2_redirect_url(redirect_url);
    let button = oauth::Config::new()
        .scopes(vec!["openid".into()])
        .use_pkce_with_authorization_code_grant(true);
    // The page that comes with the user interface has an ending to its name.
    let end = async |RawQuery(query): RawQuery| {
        Redirect::to(&format!("/docs/oauth2-redirect.html?{}", query.unwrap_or_default()))
    };
    Router::new()
        .merge(SwaggerUi::new("/docs").url("/openapi.json", api).config(config).oauth(button))
        .route("/docs/oauth2-redirect", get(end))
}
