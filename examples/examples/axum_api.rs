//! An API for clients with bearer tokens: scopes, permissions, an optional user, and its
//! documentation with the Authorize button.

mod fief;

use axum::{Json, Router, routing::get};
use clap::Parser;
use fief_axum::{
    AccessToken, AccessTokenInfo, Allowed, Config, CurrentUser, Fief, FiefAuth, Policy,
    Requirements, UserInfo, docs::documentation,
};
use utoipa::OpenApi;

use crate::fief::{Arguments, Outcome, Party};

/// An API, protected by Fief
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,

    /// Another client whose tokens are accepted too: a command-line tool for example
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
    let docs = documentation(auth.fief(), Api::openapi(), "/docs");
    let app = api(&auth).with_state(auth).merge(docs);

    println!("API      {}/protected, /userinfo, /hello, /castles, /catalogue", party.here);
    println!("Docs     {}/docs", party.here);
    Ok(axum::serve(party.listener, app).await?)
}

fn api(auth: &FiefAuth) -> Router<FiefAuth> {
    let signed_in = auth.require(Requirements::none().scope(["openid"]));
    Router::new()
        .route("/protected", get(protected))
        .route("/userinfo", get(userinfo))
        .route_layer(signed_in)
        .route("/hello", get(hello))
        .route("/castles", get(castles).post(build))
        .route("/catalogue", get(catalogue))
}

struct ReadCastles;

impl Policy for ReadCastles {
    fn requirements() -> Requirements {
        Requirements::none().permission("castles:read")
    }
}

struct BuildCastles;

impl Policy for BuildCastles {
    fn requirements() -> Requirements {
        Requirements::none().permission("castles:create")
    }
}

/// What the token says
#[utoipa::path(get, path = "/protected", security(("OAuth2AuthorizationCodeBearer" = ["openid"])),
    responses((status = 200, body = AccessTokenInfo), (status = 401)))]
async fn protected(AccessToken(token): AccessToken) -> Json<AccessTokenInfo> {
    Json(token)
}

/// Who the user is, from the cache
#[utoipa::path(get, path = "/userinfo", security(("OAuth2AuthorizationCodeBearer" = ["openid"])),
    responses((status = 200, body = UserInfo), (status = 401)))]
async fn userinfo(user: CurrentUser) -> Json<UserInfo> {
    Json(user.info)
}

/// A greeting, by name for users who have signed in
#[utoipa::path(get, path = "/hello", responses((status = 200, body = String)),
    security((), ("OAuth2AuthorizationCodeBearer" = ["openid"])))]
async fn hello(user: Option<CurrentUser>) -> String {
    let name = user.and_then(|user| user.info.email);
    format!("Hello, {}!", name.as_deref().unwrap_or("guest"))
}

/// The castles, for users who may read them
#[utoipa::path(get, path = "/castles", security(("OAuth2AuthorizationCodeBearer" = ["openid"])),
    responses((status = 200, body = Vec<String>), (status = 401), (status = 403)))]
async fn castles(_: Allowed<ReadCastles>) -> Json<Vec<&'static str>> {
    catalogue().await
}

/// The castles, without a sign-in
#[utoipa::path(get, path = "/catalogue", responses((status = 200, body = Vec<String>)))]
async fn catalogue() -> Json<Vec<&'static str>> {
    Json(vec!["Fougères", "Josselin", "Nantes"])
}

/// Another castle, for users who may create one
#[utoipa::path(post, path = "/castles", security(("OAuth2AuthorizationCodeBearer" = ["openid"])),
    responses((status = 200, body = String), (status = 401), (status = 403)))]
async fn build(user: Allowed<BuildCastles>) -> String {
    format!("Built for {}.", user.id)
}
