//! Signing in and out with a browser.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use axum::{Json, Router, routing::get as on_get};
use common::{ANNE, Fault, REDIRECT_URI, Upstream, browser::Browser};
use fief_axum::{
    AccessToken, Acr, AuthorizationRequest, CookieKey, CurrentUser, FiefAuth, MemorySessionStore,
    TokenSource, UserInfo, WebLogin, redirect_to_login,
};
use fief_hyper::Endpoint;
use http::Method;

fn auth(upstream: &Upstream) -> FiefAuth {
    FiefAuth::builder(upstream.fief())
        .token_sources([TokenSource::session()])
        .answer(redirect_to_login("/login"))
        .build()
}

fn key() -> CookieKey {
    CookieKey::new(b"the cookie key of the tests, 32 bytes").unwrap()
}

fn offline() -> AuthorizationRequest {
    AuthorizationRequest::new(REDIRECT_URI).scope(["openid", "offline_access"])
}

fn site_with(auth: &FiefAuth, request: AuthorizationRequest) -> Router {
    let login = WebLogin::builder(auth, request).cookie_key(key()).build().unwrap();
    login.mount(pages(auth))
}

fn pages(auth: &FiefAuth) -> Router {
    let settings = Router::new()
        .route("/settings", on_get(async || "settings").layer(auth.require().acr(Acr::LevelOne)));
    Router::new()
        .route(
            "/",
            on_get(async |user: Option<CurrentUser>| match user {
                Some(CurrentUser(user)) => user.email.unwrap_or_default(),
                None => "stranger".to_owned(),
            }),
        )
        .route("/user", on_get(async |CurrentUser(user): CurrentUser| Json::<UserInfo>(user)))
        .route(
            "/token",
            on_get(async |AccessToken(token): AccessToken| token.access_token.expose().to_owned()),
        )
        .route("/open", on_get(async || "open"))
        .nest("/account", settings)
        .with_state(auth.clone())
}

fn site(upstream: &Upstream) -> Router {
    site_with(&auth(upstream), REDIRECT_URI.into())
}

#[tokio::test]
async fn a_browser_signs_in_and_out() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();

    let sent_away = browser.get(&site, "/user?page=2").await;
    assert_eq!(sent_away.status, 303);
    assert_eq!(sent_away.header("location"), "/login?return_to=%2Fuser%3Fpage%3D2");
    let back = browser.sign_in(&site, &upstream, sent_away.header("location")).await;
    assert_eq!((back.status, back.header("location")), (303, "/user?page=2"), "{back:?}");
    assert_eq!(back.header("cache-control"), "no-store");
    assert_eq!(back.header("referrer-policy"), "no-referrer");
    assert_eq!(browser.pending(), 0);

    let user = browser.get(&site, "/user?page=2").await;
    assert_eq!(user.json()["email"], "anne@bretagne.duchy");
    assert_eq!(user.json()["fields"]["castles"], 3);
    assert_eq!(user.json().get("nonce").or(user.json().get("aud")), None);
    assert_eq!(upstream.asked(Endpoint::Userinfo), 0, "the login has filled the cache");

    assert_eq!(browser.get(&site, "/logout").await.status, 405);
    let out = browser.ask(&site, Method::POST, "/logout", &[("sec-fetch-site", "same-origin")]);
    let out = out.await;
    assert_eq!(out.status, 303);
    assert_eq!(
        out.header("location"),
        "https://fief.example/logout?redirect_uri=https%3A%2F%2Fwww.example.com%2F"
    );
    assert!(browser.cookies.is_empty());
    assert_eq!(browser.get(&site, "/").await.body, "stranger");
}

#[tokio::test]
async fn scripts_are_not_redirected() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let asked = browser.ask(&site, Method::GET, "/user", &[("accept", "application/json")]).await;
    assert_eq!(asked.status, 401);
    let posted = browser.ask(&site, Method::POST, "/user", &[("accept", "text/html")]).await;
    assert_ne!(posted.status, 303);
}

#[tokio::test]
async fn a_level_that_is_too_low_asks_for_the_password() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    let sent_away = browser.get(&site, "/account/settings").await;
    let target = "/login?return_to=%2Faccount%2Fsettings&acr_values=1";
    assert_eq!((sent_away.status, sent_away.header("location")), (303, target));
    let back = browser.sign_in(&site, &upstream, target).await;
    assert_eq!(back.header("location"), "/account/settings");
    assert_eq!(browser.get(&site, "/account/settings").await.body, "settings");
}

#[tokio::test]
async fn a_level_can_not_be_lowered_by_a_link() {
    let upstream = Upstream::new();
    let request = AuthorizationRequest::new(REDIRECT_URI).acr_values([Acr::LevelOne]);
    let site = site_with(&auth(&upstream), request);
    let begun = Browser::default().get(&site, "/login?acr_values=0").await;
    assert!(begun.header("location").contains("acr_values=1"));
}

#[tokio::test]
async fn no_login_leads_to_another_site() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    for target in ["https://evil.example/", "//evil.example", "/%5Cevil.example", "/%0d%0aX:y", ""]
    {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let query = query.append_pair("return_to", target).finish();
        let mut browser = Browser::default();
        let back = browser.sign_in(&site, &upstream, &format!("/login?{query}")).await;
        assert_eq!((back.status, back.header("location")), (303, "/"), "{target}");
    }
}

#[tokio::test]
async fn two_tabs_at_once() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let first = browser.get(&site, "/login?return_to=/one").await;
    let second = browser.get(&site, "/login?return_to=/two").await;
    assert_eq!(browser.pending(), 2);
    let first = upstream.sign_in(first.header("location"));
    let second = upstream.sign_in(second.header("location"));
    let back = browser.get(&site, &format!("/callback?{second}")).await;
    assert_eq!(back.header("location"), "/two");
    let back = browser.get(&site, &format!("/callback?{first}")).await;
    assert_eq!(back.header("location"), "/one");
    assert_eq!(browser.pending(), 0);
}

#[tokio::test]
async fn logins_that_nobody_ends_do_not_pile_up() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let mut last = String::new();
    for _ in 0..10 {
        last = browser.get(&site, "/login").await.header("location").to_owned();
        upstream.advance(1);
    }
    assert_eq!(browser.pending(), 4);
    let query = upstream.sign_in(&last);
    assert_eq!(browser.get(&site, &format!("/callback?{query}")).await.status, 303);
}

#[tokio::test]
async fn a_callback_that_is_none_of_this_browser_gives_a_page_and_no_session() {
    let upstream = Upstream::new();
    let site = site(&upstream);

    // Somebody else's: an attacker wants the victim signed in as the attacker.
    let mut attacker = Browser::default();
    let begun = attacker.get(&site, "/login").await;
    let foreign = upstream.sign_in(begun.header("location"));
    let mut victim = Browser::default();
    victim.get(&site, "/login").await;
    let answer = victim.get(&site, &format!("/callback?{foreign}")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("This sign-in is over"));
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    assert_eq!((victim.session(), victim.pending()), (None, 1));

    // Forged: nothing of it is shown.
    let forged = "/callback?code=x&state=%3Cscript%3Ealert(1)%3C/script%3E&error_description=evil";
    let answer = victim.get(&site, forged).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.body.contains("script") && !answer.body.contains("evil"));
    assert_eq!(victim.get(&site, "/callback").await.status, 400);

    // Replayed: with the cookie gone, and with a cookie that somebody has kept.
    let kept = attacker.clone();
    assert_eq!(attacker.get(&site, &format!("/callback?{foreign}")).await.status, 303);
    let session = attacker.session().cloned();
    let answer = attacker.get(&site, &format!("/callback?{foreign}")).await;
    assert_eq!(answer.status, 400);
    assert_eq!(attacker.session().cloned(), session, "the session at hand stays");
    let mut again = kept;
    let answer = again.get(&site, &format!("/callback?{foreign}")).await;
    assert_eq!(answer.status, 400);
    assert_eq!((again.session(), again.pending()), (None, 0));

    // Late.
    let mut slow = Browser::default();
    let begun = slow.get(&site, "/login").await;
    let query = upstream.sign_in(begun.header("location"));
    upstream.advance(3700);
    assert_eq!(slow.get(&site, &format!("/callback?{query}")).await.status, 400);
    assert_eq!(slow.session(), None);
}

#[tokio::test]
async fn a_denial_is_told() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let begun = browser.get(&site, "/login").await;
    let state = upstream.sign_in(begun.header("location"));
    let (_, state) = state.split_once("&state=").unwrap();
    let denied = browser.get(&site, &format!("/callback?error=access_denied&state={state}")).await;
    assert_eq!(denied.status, 403);
    assert!(denied.body.contains("cancelled"));
    assert_eq!((browser.session(), browser.pending()), (None, 0));
}

#[tokio::test]
async fn while_fief_is_down_a_login_waits() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    upstream.fault(Endpoint::Discovery, Fault::Unreachable);
    let begun = browser.get(&site, "/login").await;
    assert_eq!((begun.status, begun.header("retry-after")), (503, "5"));
    upstream.heal();
    let begun = browser.get(&site, "/login").await;
    let query = upstream.sign_in(begun.header("location"));
    upstream.fault(Endpoint::Token, Fault::Unreachable);
    let down = browser.get(&site, &format!("/callback?{query}")).await;
    assert_eq!((down.status, down.header("retry-after")), (503, "5"));
    assert_eq!((browser.session(), browser.pending()), (None, 1));
    upstream.heal();
    // The user reloads the page: the code was not used.
    assert_eq!(browser.get(&site, &format!("/callback?{query}")).await.status, 303);
    assert!(browser.session().is_some());
}

#[tokio::test]
async fn another_site_can_not_sign_a_user_out() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let answer = browser.ask(&site, Method::POST, "/logout", &[foreign]).await;
        assert_eq!(answer.status, 403);
        assert!(browser.session().is_some());
    }
}

#[tokio::test]
async fn a_session_of_somebody_elses_making_is_none() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    let session = browser.session().cloned().unwrap();
    for bad in ["", "garbage", &session[1..], &format!("{session}x"), "\u{e9}"] {
        let mut other = Browser::default();
        other.cookies.insert("__Host-fief_app_session".into(), bad.into());
        assert_eq!(other.get(&site, "/").await.body, "stranger", "{bad:?}");
        assert!(other.cookies.is_empty(), "what can't be read is taken away");
    }
    // Sealed for another cookie.
    browser.get(&site, "/login").await;
    let pending = browser.cookies.iter().find(|(name, _)| name.contains("login")).unwrap();
    let mut other = Browser::default();
    other.cookies.insert("__Host-fief_app_session".into(), pending.1.clone());
    assert_eq!(other.get(&site, "/").await.body, "stranger");
}

#[tokio::test]
async fn a_session_ends_with_its_token_where_nothing_refreshes_it() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let back = browser.sign_in(&site, &upstream, "/login").await;
    assert!(
        back.headers
            .get_all("set-cookie")
            .iter()
            .any(|value| { value.to_str().unwrap().contains("Max-Age=3600") })
    );
    upstream.advance(3661);
    assert_eq!(browser.get(&site, "/").await.body, "stranger");
    assert_eq!(browser.get(&site, "/user").await.status, 303);
}

#[tokio::test]
async fn an_expired_session_is_refreshed_once() {
    let upstream = Upstream::new();
    let site = site_with(&auth(&upstream), offline());
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    let before = browser.get(&site, "/token").await.body;
    upstream.advance(3600);

    let old = browser.clone();
    let asked_before = upstream.asked(Endpoint::Token);
    let gate = upstream.gate(Endpoint::Token);
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let (site, mut browser) = (site.clone(), old.clone());
            tokio::spawn(async move {
                let answer = browser.get(&site, "/token").await;
                (answer, browser)
            })
        })
        .collect();
    while upstream.asked(Endpoint::Token) == asked_before {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1000);
    for request in requests {
        let (answer, after) = request.await.unwrap();
        assert_eq!(answer.status, 200);
        assert_ne!(answer.body, before);
        assert_ne!(after.session(), old.session());
        browser = after;
    }
    assert_eq!(upstream.asked(Endpoint::Token), asked_before + 1);

    // A tab that comes late with the old cookie, and the next refresh.
    let mut late = old.clone();
    assert_eq!(late.get(&site, "/token").await.status, 200);
    assert_eq!(upstream.asked(Endpoint::Token), asked_before + 1);
    upstream.advance(3600);
    assert_eq!(browser.get(&site, "/token").await.status, 200);
    assert_eq!(upstream.asked(Endpoint::Token), asked_before + 2);
}

#[tokio::test]
async fn an_answer_with_a_session_cookie_is_kept_by_no_cache() {
    let upstream = Upstream::new();
    let auth = auth(&upstream);
    let style = || ([("cache-control", "public, max-age=600")], "body{}");
    let pages = pages(&auth).route("/style.css", on_get(async move || style()));
    let login = WebLogin::builder(&auth, offline()).cookie_key(key()).build().unwrap();
    let site = login.mount(pages);
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    upstream.advance(3600);
    let answer = browser.get(&site, "/style.css").await;
    assert_eq!(answer.status, 200);
    let sets_a_cookie = answer.headers.contains_key("set-cookie");
    assert!(!sets_a_cookie || answer.header("cache-control") == "no-store", "{answer:?}");
}

#[tokio::test]
async fn a_client_that_leaves_does_not_waste_a_refresh() {
    let upstream = Upstream::new();
    let site = site_with(&auth(&upstream), offline());
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    upstream.advance(3600);
    let asked_before = upstream.asked(Endpoint::Token);
    let gate = upstream.gate(Endpoint::Token);
    let gone = {
        let (site, mut browser) = (site.clone(), browser.clone());
        tokio::spawn(async move { browser.get(&site, "/token").await })
    };
    while upstream.asked(Endpoint::Token) == asked_before {
        tokio::task::yield_now().await;
    }
    gone.abort();
    gate.add_permits(1000);
    assert_eq!(browser.get(&site, "/token").await.status, 200);
    assert_eq!(upstream.asked(Endpoint::Token), asked_before + 1);
}

#[tokio::test]
async fn a_refresh_that_fails_ends_the_session_only_where_it_is_over() {
    let upstream = Upstream::new();
    let site = site_with(&auth(&upstream), offline());
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    upstream.advance(3600);
    upstream.fault(Endpoint::Token, Fault::Unreachable);
    let down = browser.get(&site, "/user").await;
    assert_eq!((down.status, down.header("retry-after")), (503, "5"));
    assert_eq!(browser.get(&site, "/").await.status, 503, "nobody knows who it is");
    assert_eq!(browser.get(&site, "/open").await.status, 200);
    assert!(browser.session().is_some());
    upstream.heal();
    assert_eq!(browser.get(&site, "/user").await.status, 200);

    upstream.advance(3600);
    upstream.fault(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_grant"}"#));
    assert_eq!(browser.get(&site, "/").await.body, "stranger");
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn a_logout_is_not_undone_by_a_refresh() {
    let upstream = Upstream::new();
    let site = site_with(&auth(&upstream), offline());
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    upstream.advance(3600);
    let out = browser.ask(&site, Method::POST, "/logout", &[]).await;
    assert_eq!(out.status, 303);
    assert_eq!(out.headers.get_all("set-cookie").iter().count(), 1);
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn a_session_over_4_kib_goes_to_the_server() {
    let upstream = Upstream::new();
    upstream.permissions((0..300).map(|n| format!("castles:number-{n}")));
    let auth = auth(&upstream);
    let store = MemorySessionStore::default();
    let site_with = |store: &MemorySessionStore| {
        let login = WebLogin::builder(&auth, offline()).cookie_key(key());
        login.session_store(store.clone()).build().unwrap().mount(pages(&auth))
    };
    let site = site_with(&store);
    let mut browser = Browser::default();
    assert_eq!(browser.sign_in(&site, &upstream, "/login").await.status, 303);
    let token = browser.get(&site, "/token").await.body;
    assert!(token.len() > 6_000);
    assert!(browser.session().unwrap().len() < 300);

    // A refresh keeps the name; the old cookie leads to the new session.
    let old = browser.clone();
    upstream.advance(3600);
    let refreshed = browser.get(&site, "/token").await.body;
    assert_ne!(refreshed, token);
    assert_eq!(old.clone().get(&site, "/token").await.body, refreshed);

    // A store that has lost it, a restart for example: signed out, and not in limbo.
    let mut lost = browser.clone();
    let other = site_with(&MemorySessionStore::default());
    assert_eq!(lost.get(&other, "/").await.body, "stranger");
    assert_eq!(lost.session(), None);

    // Another login ends it on the server, and so does a logout, for whoever has kept the cookie.
    let mut kept = browser.clone();
    browser.sign_in(&site, &upstream, "/login").await;
    assert_eq!(kept.get(&site, "/").await.body, "stranger");
    let mut kept = browser.clone();
    browser.ask(&site, Method::POST, "/logout", &[]).await;
    assert_eq!(kept.get(&site, "/").await.body, "stranger");
}

#[tokio::test]
async fn two_processes_with_one_store_refresh_a_session_without_ending_it() {
    let upstream = Upstream::new();
    let auth = auth(&upstream);
    let store = MemorySessionStore::default();
    // Each has refreshes of its own, as two processes have.
    let process = || {
        let login = WebLogin::builder(&auth, offline()).cookie_key(key());
        let login = login.session_store(store.clone()).store_every_session();
        login.build().unwrap().mount(pages(&auth))
    };
    let (one, two) = (process(), process());
    let mut browser = Browser::default();
    browser.sign_in(&one, &upstream, "/login").await;
    assert!(browser.session().unwrap().len() < 300);
    upstream.advance(3600);
    let asked_before = upstream.asked(Endpoint::Token);
    let gate = upstream.gate(Endpoint::Token);
    let ask = |site: &Router| {
        let (site, mut browser) = (site.clone(), browser.clone());
        tokio::spawn(async move { (browser.get(&site, "/token").await, browser) })
    };
    let (one, two) = (ask(&one), ask(&two));
    while upstream.asked(Endpoint::Token) < asked_before + 2 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1000);
    let ((one, after_one), (two, after_two)) = (one.await.unwrap(), two.await.unwrap());
    assert_eq!((one.status, two.status), (200, 200));
    assert_eq!(one.body, two.body);
    assert!(after_one.session().is_some() && after_two.session().is_some());
}

#[tokio::test]
async fn a_store_that_fails_loses_no_session_silently() {
    struct Broken;
    impl fief_axum::SessionStore for Broken {
        async fn load(&self, _: &str) -> Result<Option<String>, fief_axum::BoxError> {
            Err("broken".into())
        }
        async fn save(
            &self,
            _: &str,
            _: &str,
            _: std::time::Duration,
        ) -> Result<(), fief_axum::BoxError> {
            Err("broken".into())
        }
        async fn remove(&self, _: &str) -> Result<(), fief_axum::BoxError> {
            Err("broken".into())
        }
    }
    let upstream = Upstream::new();
    upstream.permissions((0..300).map(|n| format!("castles:number-{n}")));
    let auth = auth(&upstream);
    let login = WebLogin::builder(&auth, offline()).cookie_key(key());
    let broken = login.session_store(Broken).build().unwrap().mount(pages(&auth));
    let mut browser = Browser::default();
    let answer = browser.sign_in(&broken, &upstream, "/login").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
    assert_eq!(browser.session(), None);

    let whole = site_with(&auth, offline());
    browser.sign_in(&whole, &upstream, "/login").await;
    let answer = browser.get(&broken, "/user").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
    assert!(browser.session().is_some());
    assert_eq!(browser.get(&whole, "/user").await.status, 200);
}

#[tokio::test]
async fn the_page_of_a_failed_login_can_be_replaced() {
    let upstream = Upstream::new();
    let auth = auth(&upstream);
    let login = WebLogin::builder(&auth, REDIRECT_URI)
        .cookie_key(key())
        .error_page(|error, _| {
            use axum::response::IntoResponse as _;
            (error.status(), format!("sorry: {error}")).into_response()
        })
        .build()
        .unwrap();
    let answer = Browser::default().get(&login.mount(pages(&auth)), "/callback?state=x").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body, "sorry: the callback answers no login of this browser");
}

#[tokio::test]
async fn cookies_without_https_are_named_without_a_promise() {
    let upstream = Upstream::new();
    let auth = auth(&upstream);
    let login = WebLogin::builder(&auth, "http://localhost:8000/callback").secure(false);
    let site = login.build().unwrap().mount(pages(&auth)); // and a random key
    let mut browser = Browser::default();
    assert_eq!(browser.sign_in(&site, &upstream, "/login").await.status, 303);
    assert!(browser.cookies.contains_key("fief_app_session"));
    assert_eq!(browser.get(&site, "/user").await.json()["sub"], ANNE);
}

#[test]
fn what_can_not_work_is_refused_at_the_start() {
    let upstream = Upstream::new();
    let auth = auth(&upstream);
    let bearer = FiefAuth::new(upstream.fief());
    let builder = || WebLogin::builder(&auth, REDIRECT_URI).cookie_key(key());
    assert!(WebLogin::builder(&bearer, REDIRECT_URI).build().is_err());
    assert!(WebLogin::builder(&auth, "/callback").build().is_err());
    assert!(builder().login_path("/callback").build().is_err());
    assert!(builder().login_path("login").build().is_err());
    assert!(builder().logout_path("/{id}").build().is_err());
    assert!(builder().after_logout("/").build().is_err());
    assert!(builder().cookie_name("a b").build().is_err());
    assert!(builder().build().is_ok());
}
