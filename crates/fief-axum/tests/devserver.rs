//! End to end: over sockets, against the embedded Fief server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use axum::{
    Json, Router,
    routing::{get as on_get, post},
};
use common::{browser::Browser, get, send, with_token};
use fief_axum::{
    AccessToken, AccessTokenInfo, Acr, AuthorizationRequest, CurrentUser, Fief, FiefAuth,
    FreshUser, Requirements, UserInfo, WebLogin,
    webhook::{Event, Webhook, WebhookSecret},
};
use fief_devserver::{Client, DevServer, Endpoint, Fault, User, Webhook as Subscription};
use fief_hyper::Config;
use fief_testkit::clock::Clock;
use serde_json::json;

const ANNE: &str = "anne@bretagne.duchy";
const PASSWORD: &str = "hermine-tincture-1488";
const CALLBACK: &str = "http://localhost:8000/callback";

fn server(clock: &Clock) -> DevServer {
    DevServer::builder()
        .client(Client::confidential("web", "secret").redirect_uri(CALLBACK))
        .client(Client::public("tool"))
        .user(User::new(ANNE, PASSWORD).permission("castles:read"))
        .clock(clock.reader())
        .start()
        .unwrap()
}

fn fief(server: &DevServer, clock: &Clock) -> Fief {
    // Keys outlive the server, as they do in production.
    let config = Config::new(server.base_url(), "web").client_secret("secret");
    Fief::builder(config).clock(clock.reader()).build().unwrap()
}

fn api(auth: &FiefAuth) -> Router {
    async fn token(AccessToken(token): AccessToken) -> Json<AccessTokenInfo> {
        Json(token)
    }
    async fn user(user: CurrentUser) -> Json<UserInfo> {
        Json(user.info)
    }
    async fn fresh(user: FreshUser) -> Json<UserInfo> {
        Json(user.info)
    }
    let seller = auth.require(Requirements::none().permission("castles:sell"));
    Router::new()
        .route("/token", on_get(token))
        .route("/sell", on_get(token).layer(seller))
        .route("/user", on_get(user))
        .route("/fresh", on_get(fresh))
        .with_state(auth.clone())
}

#[tokio::test]
async fn an_api_answers_by_the_token() {
    let clock = Clock::new();
    let server = server(&clock);
    let api = api(&FiefAuth::new(fief(&server, &clock)));
    let token = |client: &str| {
        let token = server.access_token(ANNE, client, &["openid"]).unwrap();
        token.expose().to_owned()
    };
    let good = token("web");

    assert_eq!(send(&api, get("/token")).await.status, 401);
    let fine = send(&api, with_token("/token", &good)).await;
    assert_eq!((fine.status, &fine.json()["scope"]), (200, &json!(["openid"])));
    assert_eq!(send(&api, with_token("/sell", &good)).await.status, 403);
    assert_eq!(send(&api, with_token("/token", &token("tool"))).await.status, 401);
    assert_eq!(send(&api, with_token("/user", &good)).await.json()["email"], ANNE);

    // The server fails; tokens are still validated.
    server.fault(Endpoint::Userinfo, Fault::Status(500));
    assert_eq!(send(&api, with_token("/fresh", &good)).await.status, 503);
    server.clear_faults();
    server.fault(Endpoint::Userinfo, Fault::Cut);
    assert_eq!(send(&api, with_token("/fresh", &good)).await.status, 503);
    server.clear_faults();
    assert_eq!(send(&api, with_token("/fresh", &good)).await.status, 200);

    // New keys need no restart.
    server.rotate_keys().unwrap();
    clock.advance(11); // the cooldown for unknown keys
    let new = token("web");
    assert_eq!(send(&api, with_token("/token", &new)).await.status, 200);
    clock.advance(24 * 60 * 60 + 61);
    assert_eq!(send(&api, with_token("/token", &new)).await.status, 401);

    // Without a server, known keys are enough; a client without keys can't validate.
    let late = token("web");
    let without_keys = self::api(&FiefAuth::new(fief(&server, &clock)));
    drop(server);
    assert_eq!(send(&api, with_token("/token", &late)).await.status, 200);
    assert_eq!(send(&api, with_token("/fresh", &late)).await.status, 503);
    assert_eq!(send(&without_keys, with_token("/token", &late)).await.status, 503);
}

#[tokio::test]
async fn a_browser_signs_in_and_stays() {
    let clock = Clock::new();
    let server = server(&clock);
    let request = AuthorizationRequest::new(CALLBACK).scope(["openid", "offline_access"]);
    let login = WebLogin::builder(fief(&server, &clock), request).build().unwrap();
    let high = login.auth().require(Requirements::none().acr(Acr::LevelOne));
    let pages = api(login.auth()).route("/high", on_get(async || "high").layer(high));
    let site = login.mount(pages);
    let mut browser = Browser::default();

    let sent_away = browser.get(&site, "/user").await;
    let begun = browser.get(&site, sent_away.header("location")).await;
    let callback = server.sign_in(begun.header("location"), ANNE, PASSWORD).unwrap();
    let callback = callback.strip_prefix("http://localhost:8000").unwrap();
    let back = browser.get(&site, callback).await;
    assert_eq!((back.status, back.header("location")), (303, "/user"), "{back:?}");
    assert_eq!(browser.get(&site, "/user").await.json()["email"], ANNE);
    assert_eq!(server.requests_to(Endpoint::Userinfo), 0);
    assert_eq!(browser.get(&site, callback).await.header("location"), "/user");

    // A day later: one refresh for all requests of the page.
    clock.advance(24 * 60 * 60 + 61);
    let before = server.requests_to(Endpoint::Token);
    let requests: Vec<_> = (0..16)
        .map(|_| {
            let (site, mut browser) = (site.clone(), browser.clone());
            tokio::spawn(async move { (browser.get(&site, "/token").await.status, browser) })
        })
        .collect();
    for request in requests {
        let (status, after) = request.await.unwrap();
        assert_eq!(status, 200);
        browser = after;
    }
    assert_eq!(server.requests_to(Endpoint::Token), before + 1);

    // A refreshed token is of the lowest level: the page asks for the password again.
    let sent_away = browser.get(&site, "/high").await;
    assert_eq!(sent_away.header("location"), "/login?return_to=%2Fhigh&acr_values=1");
    let begun = browser.get(&site, sent_away.header("location")).await;
    let callback = server.sign_in(begun.header("location"), ANNE, PASSWORD).unwrap();
    browser.get(&site, callback.strip_prefix("http://localhost:8000").unwrap()).await;
    assert_eq!(browser.get(&site, "/high").await.body, "high");

    let out = browser.post(&site, "/logout").await;
    assert!(out.header("location").starts_with(&format!("{}/logout?", server.base_url())));
    assert_eq!(browser.get(&site, "/user").await.status, 303);
}

#[tokio::test]
async fn webhooks_are_delivered() {
    let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
    let receive = move |Webhook(event): Webhook| async move {
        sender.send(event).unwrap();
    };
    let app =
        Router::new().route("/webhook", post(receive)).with_state(WebhookSecret::new("secret"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhook", listener.local_addr().unwrap());
    let serving = tokio::spawn(async { axum::serve(listener, app).await });
    let server = DevServer::builder().webhook(Subscription::new(url, "secret")).start().unwrap();
    server.add_user(User::new("renee@bretagne.duchy", "hermine")).unwrap();
    server.grant("renee@bretagne.duchy", "castles:read").unwrap();
    server.remove_user("renee@bretagne.duchy").unwrap();
    let mut next = async || told.recv().await.unwrap();
    let Event::UserCreated(user) = next().await else { panic!("no user.created") };
    assert_eq!(user.email, "renee@bretagne.duchy");
    loop {
        match next().await {
            Event::UserPermissionCreated(given) => {
                assert_eq!(given.permission.codename, "castles:read");
                assert_eq!(given.user_id, user.id);
            }
            Event::UserDeleted(gone) => {
                assert_eq!(gone.id, user.id);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    serving.abort();
}
