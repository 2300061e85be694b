//! Signing in and out with a browser.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::sync::{Arc, Mutex};

use axum::{Router, response::IntoResponse as _, routing::get as on_get};
use common::{
    Fault, REDIRECT_URI, Upstream,
    browser::Browser,
    site::{Flaky, OPERATIONS, Operation, builder, mounted, offline, pages, process, site},
};
use fief_axum::{Acr, AuthorizationRequest, MemorySessionStore, WebLogin};
use fief_hyper::Endpoint;
use http::Method;

const PAGE: [(&str, &str); 3] =
    [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

#[tokio::test]
async fn a_browser_signs_in_and_out() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();

    let sent_away = browser.get(&site, "/user?page=2").await;
    assert_eq!(sent_away.status, 303);
    assert_eq!(sent_away.header("location"), "/login?return_to=%2Fuser%3Fpage%3D2");
    assert_eq!(sent_away.header("cache-control"), "no-store");
    let back = browser.sign_in(&site, &upstream, sent_away.header("location")).await;
    assert_eq!((back.status, back.header("location")), (303, "/user?page=2"), "{back:?}");
    assert_eq!(back.header("cache-control"), "no-store");
    assert_eq!(back.header("referrer-policy"), "no-referrer");

    let user = browser.get(&site, "/user?page=2").await;
    assert_eq!(user.json()["email"], "anne@bretagne.duchy");
    assert_eq!(user.json()["fields"]["castles"], 3);
    assert_eq!(user.json().get("nonce").or(user.json().get("aud")), None);
    assert_eq!(upstream.asked(Endpoint::Userinfo), 0, "the session knows its user");

    assert_eq!(browser.get(&site, "/logout").await.status, 405);
    let out = browser.post(&site, "/logout").await;
    assert_eq!(out.status, 303);
    assert_eq!(
        out.header("location"),
        "https://fief.example/logout?redirect_uri=https%3A%2F%2Fwww.example.com%2F"
    );
    assert_eq!(browser.session(), None);
    assert_eq!(browser.get(&site, "/").await.body, "guest");
}

type Headers = &'static [(&'static str, &'static str)];

#[tokio::test]
async fn people_are_led_to_the_login_and_programs_get_a_status() {
    const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml");
    const NAVIGATES: Headers =
        &[HTML, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let upstream = Upstream::new();
    let site = site(&upstream);
    let cases: [(&str, Headers, u16); 11] = [
        ("an old browser", &[HTML], 303),
        ("a browser", NAVIGATES, 303),
        ("a script", &[("accept", "application/json")], 401),
        ("fetch", &[HTML, ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")], 401),
        ("jQuery", &[HTML, ("x-requested-with", "XMLHttpRequest")], 401),
        ("htmx", &[HTML, ("hx-request", "true")], 401),
        ("a prefetch", &[HTML, ("sec-purpose", "prefetch")], 401),
        ("a prerender", &[HTML, ("sec-purpose", "prefetch;prerender")], 401),
        ("a frame", &[HTML, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], 401),
        ("a picture", &[("accept", "image/*,*/*"), ("sec-fetch-dest", "image")], 401),
        ("a socket", &[("upgrade", "websocket"), ("sec-fetch-mode", "websocket")], 401),
    ];
    for (who, headers, status) in cases {
        let mut browser = Browser::default();
        let answer = browser.ask(&site, Method::GET, "/user", headers).await;
        assert_eq!(answer.status, status, "{who}");
        assert!(browser.cookies.is_empty(), "{who} begins no login");
    }
    let head = Browser::default().ask(&site, Method::HEAD, "/user", NAVIGATES).await;
    assert_eq!(head.status, 401);
}

#[tokio::test]
async fn what_only_looks_begins_and_ends_no_login() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    for (method, headers) in
        [(Method::GET, &[("sec-purpose", "prefetch")][..]), (Method::HEAD, &[])]
    {
        let answer = browser.ask(&site, method, "/login", headers).await;
        assert_eq!(answer.status, 204);
        assert!(browser.cookies.is_empty());
    }
    let begun = browser.get(&site, "/login").await;
    let callback = format!("/callback?{}", upstream.sign_in(begun.header("location")));
    browser.ask(&site, Method::HEAD, &callback, &[]).await;
    for name in ["purpose", "x-moz", "x-purpose", "x-sec-purpose"] {
        let ahead = (name, if name == "x-purpose" { "preview" } else { "prefetch" });
        browser.ask(&site, Method::GET, &callback, &[ahead]).await;
    }
    // Cut off on its way.
    let state = callback.split_once("&state=").unwrap().1;
    assert_eq!(browser.get(&site, &format!("/callback?state={state}")).await.status, 400);
    assert_eq!(upstream.asked(Endpoint::Token), 0);
    assert_eq!(browser.get(&site, &callback).await.status, 303);
    assert!(browser.session().is_some());
}

#[tokio::test]
async fn a_level_that_is_too_low_asks_for_the_password_once() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    let sent_away = browser.get(&site, "/account/settings").await;
    let target = "/login?return_to=%2Faccount%2Fsettings&acr_values=1";
    assert_eq!((sent_away.status, sent_away.header("location")), (303, target));
    let script = [("accept", "application/json")];
    let refused = browser.ask(&site, Method::GET, "/account/settings", &script).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"], "insufficient_user_authentication");
    let back = browser.sign_in(&site, &upstream, target).await;
    assert_eq!(back.header("location"), "/account/settings");
    assert_eq!(browser.get(&site, "/account/settings").await.body, "settings");

    // A refreshed token is of the lowest level: once more.
    upstream.advance(3700);
    let sent_away = browser.get(&site, "/account/settings").await;
    assert_eq!((sent_away.status, sent_away.header("location")), (303, target));
}

/// Fief itself may require a higher level than the token states: the login is not asked again for
/// the level that it has just reached.
#[tokio::test]
async fn a_level_that_a_login_does_not_bring_ends_on_a_page() {
    let upstream = Upstream::new();
    let login = builder(&upstream).build().unwrap();
    let fief = login.auth().fief().clone();
    let change = async move || -> Result<String, fief_axum::Rejection> {
        let user = fief.userinfo("token").await?;
        Ok(user.sub)
    };
    let site = login.mount(pages(&login).route(
        "/change",
        on_get(change).layer(login.auth().require(fief_axum::Requirements::none())),
    ));
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    upstream.fault(Endpoint::Userinfo, Fault::Status(403, r#"{"detail":"ACR_TOO_LOW"}"#));
    let sent_away = browser.get(&site, "/change").await;
    let target = "/login?return_to=%2Fchange&acr_values=1";
    assert_eq!((sent_away.status, sent_away.header("location")), (303, target));
    browser.sign_in(&site, &upstream, target).await;
    let page = browser.get(&site, "/change").await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("Please show your password again"), "{}", page.body);
}

#[tokio::test]
async fn a_link_can_raise_a_level_and_not_lower_it() {
    let upstream = Upstream::new();
    let request = AuthorizationRequest::new(REDIRECT_URI).acr_values([Acr::LevelOne]);
    let site = mounted(WebLogin::builder(upstream.fief(), request));
    let begun = Browser::default().get(&site, "/login?acr_values=0").await;
    assert!(begun.header("location").contains("acr_values=1"));
}

#[tokio::test]
async fn a_login_passes_on_what_fief_understands() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let hints = "screen=register&lang=fr-FR&login_hint=anne%40bretagne.duchy";
    let begun = Browser::default().get(&site, &format!("/login?{hints}")).await;
    for hint in hints.split('&') {
        assert!(begun.header("location").contains(hint), "{hint}: {}", begun.header("location"));
    }
    let odd = Browser::default().get(&site, "/login?lang=%00&screen=&login_hint=%0d%0a").await;
    assert_eq!(odd.status, 303, "what can't be sent is left out");
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
async fn a_long_address_is_come_back_to() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let long = format!("/user?q={}", "a".repeat(1392));
    let sent_away = browser.get(&site, &long).await;
    let back = browser.sign_in(&site, &upstream, sent_away.header("location")).await;
    assert_eq!(back.header("location"), long);
    let sent_away = Browser::default().get(&site, &format!("{long}a")).await;
    let back = Browser::default().sign_in(&site, &upstream, sent_away.header("location")).await;
    assert_eq!(back.header("location"), "/user", "its query is left out");
}

#[tokio::test]
async fn ten_tabs_at_once_and_cookies_of_one_size() {
    let upstream = Upstream::new();
    upstream.permissions((0..300).map(|n| format!("castles:number-{n}")));
    let site = site(&upstream);
    let mut browser = Browser::default();
    let mut callbacks = Vec::new();
    for tab in 0..10 {
        let login = format!("/login?return_to=/{tab}{}", "x".repeat(1000));
        let begun = browser.get(&site, &login).await;
        callbacks.push(format!("/callback?{}", upstream.sign_in(begun.header("location"))));
    }
    let weight = |browser: &Browser| -> usize {
        browser.cookies.iter().map(|(name, value)| name.len() + value.len()).sum()
    };
    assert_eq!(browser.cookies.len(), 1);
    for (tab, callback) in callbacks.iter().enumerate().rev() {
        let back = browser.get(&site, callback).await;
        assert_eq!(back.status, 303, "{back:?}");
        assert!(back.header("location").starts_with(&format!("/{tab}x")), "{back:?}");
    }
    assert!(browser.get(&site, "/token").await.body.len() > 6_000);
    assert!(weight(&browser) < 200, "{}", weight(&browser));
}

/// Each asks before any of them is answered, as where a browser opens its tabs again.
#[tokio::test]
async fn ten_tabs_that_begin_at_the_same_moment_each_come_to_their_own_page() {
    let upstream = Upstream::new();
    let store = MemorySessionStore::default();
    let sites = [process(&upstream, store.clone()), process(&upstream, store)];
    let mut begun = Vec::new();
    for tab in 0..10 {
        let login = format!("/login?return_to=/user?tab={tab}");
        begun.push(Browser::default().get(&sites[tab % 2], &login).await);
    }
    let mut browser = Browser::default();
    for answer in &begun {
        browser.take(answer);
    }
    // Whatever the order in which Fief sends them back.
    for tab in [3, 9, 0, 7, 1, 2, 8, 4, 6, 5] {
        let callback = format!("/callback?{}", upstream.sign_in(begun[tab].header("location")));
        let back = browser.get(&sites[(tab + 1) % 2], &callback).await;
        let target = format!("/user?tab={tab}");
        assert_eq!((back.status, back.header("location")), (303, target.as_str()), "{back:?}");
        assert_eq!(browser.get(&sites[0], &target).await.status, 200);
    }
    // A login that begins later adds nothing.
    let cookies = browser.cookies.len();
    browser.sign_in(&sites[0], &upstream, "/login").await;
    assert_eq!(browser.cookies.len(), cookies);
}

#[tokio::test]
async fn a_callback_that_is_none_of_this_browser_gives_a_page_and_no_session() {
    let upstream = Upstream::new();
    let site = site(&upstream);

    // Of another: an attacker wants the victim signed in as the attacker.
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
    assert_eq!(victim.session(), None);

    // Forged: nothing of it is shown.
    let forged = "/callback?code=x&state=%3Cscript%3Ealert(1)%3C/script%3E&error_description=evil";
    let answer = victim.get(&site, forged).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.body.contains("script") && !answer.body.contains("evil"));
    assert_eq!(victim.get(&site, "/callback").await.status, 400);
    assert_eq!(upstream.asked(Endpoint::Token), 0);

    // Late.
    let mut slow = Browser::default();
    let begun = slow.get(&site, "/login").await;
    let query = upstream.sign_in(begun.header("location"));
    upstream.advance(3700);
    assert_eq!(slow.get(&site, &format!("/callback?{query}")).await.status, 400);
    assert_eq!(slow.session(), None);
}

#[tokio::test]
async fn a_callback_that_comes_again_leads_on() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let begun = browser.get(&site, "/login?return_to=/user").await;
    let callback = format!("/callback?{}", upstream.sign_in(begun.header("location")));
    assert_eq!(browser.get(&site, &callback).await.status, 303);
    let session = browser.session().cloned();
    let again = browser.get(&site, &callback).await;
    assert_eq!((again.status, again.header("location")), (303, "/user"), "signed in: led on");
    assert_eq!(browser.session().cloned(), session);
    assert_eq!(upstream.asked(Endpoint::Token), 1);

    // Restored after an hour, when no state opens any more.
    upstream.advance(3700);
    let again = browser.get(&site, &callback).await;
    assert_eq!((again.status, again.header("location")), (303, "/"));
}

#[tokio::test]
async fn a_code_is_sent_once_whatever_becomes_of_the_answer() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let begun = browser.get(&site, "/login?return_to=/user").await;
    let callback = format!("/callback?{}", upstream.sign_in(begun.header("location")));
    upstream.fault(Endpoint::Token, Fault::Lost);
    assert_eq!(browser.get(&site, &callback).await.status, 503);
    upstream.heal();
    // Loaded again: one new login begins by itself, and leads to where the first one would have.
    let again = browser.get(&site, &callback).await;
    assert_eq!(again.status, 303);
    assert!(again.header("location").starts_with("https://fief.example/authorize?"));
    let second = format!("/callback?{}", upstream.sign_in(again.header("location")));
    let mut other = browser.clone();
    let back = browser.get(&site, &second).await;
    assert_eq!((back.status, back.header("location")), (303, "/user"));
    // And not a third, for a browser that has lost its session meanwhile.
    assert_eq!(other.get(&site, &second).await.status, 400);
    let presented = upstream.presented();
    assert_eq!(presented.len(), 2, "{presented:?}");
    assert_ne!(presented[0], presented[1]);
}

#[tokio::test]
async fn one_login_sends_one_code_however_many_are_guessed() {
    let upstream = Upstream::new();
    let store = MemorySessionStore::default();
    let sites = [process(&upstream, store.clone()), process(&upstream, store)];
    let mut browser = Browser::default();
    let begun = browser.get(&sites[0], "/login").await;
    let (_, state) = begun.header("location").split_once("&state=").unwrap();
    let state = state.split('&').next().unwrap();
    for guess in 0..50 {
        let callback = format!("/callback?code=guess-{guess}&state={state}");
        browser.clone().get(&sites[guess % 2], &callback).await;
    }
    assert_eq!(upstream.asked(Endpoint::Token), 1);
    assert_eq!(upstream.presented(), ["guess-0"]);
}

#[tokio::test]
async fn a_denial_is_told_as_often_as_it_is_asked_for() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let begun = browser.get(&site, "/login").await;
    let state = upstream.sign_in(begun.header("location"));
    let (_, state) = state.split_once("&state=").unwrap();
    for _ in 0..2 {
        let callback = format!("/callback?error=access_denied&state={state}");
        let denied = browser.get(&site, &callback).await;
        assert_eq!(denied.status, 403);
        assert!(denied.body.contains("cancelled"));
    }
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn while_fief_is_down_a_login_waits() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    upstream.fault(Endpoint::Discovery, Fault::Unreachable);
    let begun = browser.get(&site, "/login").await;
    assert_eq!((begun.status, begun.header("retry-after")), (503, "5"));
    assert!(begun.body.contains("The sign-in service can't be reached"), "{}", begun.body);
    upstream.heal();
    let begun = browser.get(&site, "/login").await;
    let query = upstream.sign_in(begun.header("location"));
    upstream.fault(Endpoint::Token, Fault::Unreachable);
    let down = browser.get(&site, &format!("/callback?{query}")).await;
    assert_eq!((down.status, down.header("retry-after")), (503, "5"));
    assert_eq!(browser.session(), None);
    upstream.heal();
    // The user reloads the page: the code was not used.
    assert_eq!(browser.get(&site, &format!("/callback?{query}")).await.header("location"), "/");
    assert!(browser.session().is_some());
}

#[tokio::test]
async fn while_the_store_is_down_a_login_waits() {
    let upstream = Upstream::new();
    let store = Flaky::default();
    let site = process(&upstream, store.clone());
    let mut browser = Browser::default();
    store.fail(OPERATIONS);
    let begun = browser.get(&site, "/login?return_to=/user").await;
    assert_eq!(begun.status, 303, "nothing of it is stored");
    let callback = format!("/callback?{}", upstream.sign_in(begun.header("location")));
    let down = browser.get(&site, &callback).await;
    assert_eq!((down.status, down.header("retry-after")), (503, "5"));
    assert_eq!(upstream.asked(Endpoint::Token), 0, "the code is not sent in vain");
    // And where it fails in the middle, the code is not sent again.
    store.fail([Operation::Insert]);
    assert_eq!(browser.get(&site, &callback).await.status, 503);
    assert_eq!(browser.session(), None);
    store.fail([]);
    let again = browser.get(&site, &callback).await;
    assert!(again.header("location").starts_with("https://fief.example/authorize?"), "{again:?}");
    let callback = format!("/callback?{}", upstream.sign_in(again.header("location")));
    assert_eq!(browser.get(&site, &callback).await.header("location"), "/user");
    assert_eq!(upstream.presented().len(), 2);
}

#[tokio::test]
async fn another_site_signs_no_user_out_and_ones_own_button_does() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let answer = browser.ask(&site, Method::POST, "/logout", &[foreign]).await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("Another site"), "{}", answer.body);
        assert_eq!(browser.get(&site, "/").await.body, "anne@bretagne.duchy");
    }
    // What a page with `Referrer-Policy: no-referrer` sends over http.
    let answer = browser.ask(&site, Method::POST, "/logout", &[("origin", "null")]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn a_sibling_changes_nothing_with_the_session() {
    let upstream = Upstream::new();
    let site = mounted(builder(&upstream).trust_origin("https://app.example.com"));
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    let ask = async |headers: &[(&str, &str)]| {
        browser.clone().ask(&site, Method::POST, "/user", headers).await.status
    };
    let sibling = [("sec-fetch-site", "same-site"), ("origin", "https://blog.example.com")];
    assert_eq!(ask(&sibling).await, 403);
    assert_eq!(ask(&[("origin", "https://blog.example.com")]).await, 403);
    assert_eq!(ask(&[]).await, 403);
    assert_eq!(ask(&[("sec-fetch-site", "same-origin")]).await, 200);
    assert_eq!(ask(&[("origin", "https://www.example.com")]).await, 200);
    assert_eq!(ask(&[("origin", "https://app.example.com")]).await, 200);
    let socket = [("upgrade", "websocket"), ("origin", "https://blog.example.com")];
    assert_eq!(browser.clone().ask(&site, Method::GET, "/user", &socket).await.status, 403);

    let open = mounted(builder(&upstream).allow_requests_from_any_site());
    let mut browser = Browser::default();
    browser.sign_in(&open, &upstream, "/login").await;
    assert_eq!(browser.ask(&open, Method::POST, "/user", &sibling).await.status, 200);
}

#[tokio::test]
async fn a_form_after_the_session_gets_a_page_and_is_not_sent_again() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    let headers = [
        PAGE[0],
        PAGE[1],
        PAGE[2],
        ("sec-fetch-site", "same-origin"),
        ("host", "www.example.com"),
        ("referer", "https://www.example.com/user?page=2"),
    ];
    let answer = browser.ask(&site, Method::POST, "/user", &headers).await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    let link = "href=\"/login?return_to=%2Fuser%3Fpage%3D2\"";
    assert!(answer.body.contains(link), "{}", answer.body);
    assert!(answer.body.contains("light dark"), "a style for both");
}

#[tokio::test]
async fn two_applications_on_one_host_leave_each_other_alone() {
    let (one, two) = (Upstream::new(), Upstream::new());
    let first = site(&one);
    let request = AuthorizationRequest::new("https://www.example.com/other/callback");
    let second = mounted(WebLogin::builder(two.fief(), request).prefix("/other"));
    let mut browser = Browser::default();
    let begun = browser.get(&first, "/login").await;
    browser.sign_in(&second, &two, "/login").await;
    let query = one.sign_in(begun.header("location"));
    assert_eq!(browser.get(&first, &format!("/callback?{query}")).await.status, 303);
    assert_eq!(browser.get(&first, "/").await.body, "anne@bretagne.duchy");
    assert_eq!(browser.get(&second, "/").await.body, "anne@bretagne.duchy");
    browser.post(&second, "/logout").await;
    assert_eq!(browser.get(&first, "/").await.body, "anne@bretagne.duchy");
    assert_eq!(browser.get(&second, "/").await.body, "guest");
}

#[tokio::test]
async fn cookies_of_any_bytes_are_no_session() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    let session = browser.session().cloned().unwrap();
    let name = browser.cookies.keys().find(|name| !name.ends_with("login")).cloned().unwrap();
    let login = browser.cookies.iter().find(|(name, _)| name.ends_with("-login"));
    let login = login.unwrap().1.clone();
    for bad in ["", "garbage", &session[1..], &format!("{session}x"), "\u{e9}", &login] {
        let mut other = Browser::default();
        other.cookies.insert(name.clone(), bad.into());
        assert_eq!(other.get(&site, "/").await.body, "guest", "{bad:?}");
    }
    // A sibling domain has set one more.
    let both = format!("{name}={session}; {name}={login}");
    let mut other = Browser::default();
    let answer = other.ask(&site, Method::GET, "/", &[("cookie", both.as_str())]).await;
    assert_eq!(answer.body, "guest");
}

#[tokio::test]
async fn no_shared_cache_keeps_what_depends_on_a_session() {
    let upstream = Upstream::new();
    let login = builder(&upstream).build().unwrap();
    let style = ("cache-control", "public, max-age=600");
    let news = async move |_: Option<fief_axum::CurrentUser>| ([style], "news");
    let pages = pages(&login)
        .route("/style.css", on_get(async move || ([style], "body{}")))
        .route("/news", on_get(news).with_state(login.clone()));
    let site = login.mount(pages);
    let mut browser = Browser::default();
    let back = browser.sign_in(&site, &upstream, "/login").await;
    assert_eq!(back.header("cache-control"), "no-store");
    for due in [false, true] {
        if due {
            upstream.advance(3600);
        }
        let asset = browser.get(&site, "/style.css").await;
        assert_eq!((asset.header("cache-control"), asset.header("vary")), (style.1, ""));
        for path in ["/", "/user"] {
            let page = browser.get(&site, path).await;
            let headers = (page.header("cache-control"), page.header("vary"));
            assert_eq!(headers, ("private, no-store", "Cookie"), "{path}");
        }
        // The handler has set `cache-control` itself; `vary` is still added.
        let news = browser.get(&site, "/news").await;
        assert_eq!((news.header("cache-control"), news.header("vary")), (style.1, "Cookie"));
        for page in [asset, news] {
            assert!(!page.headers.contains_key("set-cookie"));
        }
    }
    let anonymous = Browser::default().get(&site, "/").await;
    assert_eq!(anonymous.header("vary"), "Cookie");
}

#[tokio::test]
async fn a_prefix_that_a_proxy_strips_is_there_for_the_browser() {
    let upstream = Upstream::new();
    let request = "https://www.example.com/app/callback";
    let login = WebLogin::builder(upstream.fief(), request).prefix("/app").build().unwrap();
    let stripped = login.mount(pages(&login));
    let nested =
        Router::new().nest("/app", stripped.clone()).route("/", on_get(async || "outside"));
    for (site, seen) in [(&stripped, ""), (&nested, "/app")] {
        let mut browser = Browser::default();
        let sent_away = browser.get(site, &format!("{seen}/user?page=2")).await;
        let target = "/app/login?return_to=%2Fapp%2Fuser%3Fpage%3D2";
        assert_eq!((sent_away.status, sent_away.header("location")), (303, target));
        let login = format!("{seen}{}", target.strip_prefix("/app").unwrap());
        let begun = browser.get(site, &login).await;
        assert_eq!(begun.status, 303, "{begun:?}");
        let query = upstream.sign_in(begun.header("location"));
        let back = browser.get(site, &format!("{seen}/callback?{query}")).await;
        assert_eq!((back.status, back.header("location")), (303, "/app/user?page=2"));
        assert_eq!(browser.get(site, &format!("{seen}/user")).await.status, 200);
        let page = browser.get(site, &format!("{seen}/callback?state=x")).await;
        assert_eq!(page.header("location"), "/app/");
        let page = Browser::default().get(site, &format!("{seen}/callback?state=x")).await;
        assert!(page.body.contains("href=\"/app/login?"), "{}", page.body);
        let out = browser.post(site, &format!("{seen}/logout")).await;
        assert!(out.header("location").ends_with("www.example.com%2Fapp%2F"), "{out:?}");
    }
    assert_eq!(Browser::default().get(&nested, "/").await.body, "outside");
    // The root of the nested router, which has no slash.
    let login = login.auth().require(fief_axum::Requirements::none());
    let request = WebLogin::builder(upstream.fief(), request).prefix("/app").build().unwrap();
    let root = Router::new().route("/", on_get(async || "root").layer(login));
    let nested = Router::new().nest("/app", request.mount(root));
    let sent_away = Browser::default().get(&nested, "/app?page=2").await;
    assert_eq!(sent_away.header("location"), "/app/login?return_to=%2Fapp%3Fpage%3D2");
}

#[tokio::test]
async fn a_login_on_another_host_name_goes_to_the_redirect_uris_first() {
    let upstream = Upstream::new();
    let request = AuthorizationRequest::new("http://localhost:8000/callback");
    let site = mounted(WebLogin::builder(upstream.fief(), request));
    let mut browser = Browser::default();
    let there = ("host", "127.0.0.1:8000");
    let sent = browser.ask(&site, Method::GET, "/login?return_to=/user", &[there]).await;
    let target = "http://localhost:8000/login?return_to=/user&moved=1";
    assert_eq!((sent.status, sent.header("location")), (303, target));
    assert!(browser.cookies.is_empty(), "a cookie of this host would be no use");
    // A proxy that rewrites the host of each request does not cause a redirect loop.
    let path = target.strip_prefix("http://localhost:8000").unwrap();
    let begun = browser.ask(&site, Method::GET, path, &[there]).await;
    assert!(begun.header("location").starts_with("https://fief.example/authorize?"), "{begun:?}");
    // HTTP/2 has no header for it.
    let sent = browser.ask(&site, Method::GET, "http://127.0.0.1:8000/login?lang=fr", &[]).await;
    assert_eq!(sent.header("location"), "http://localhost:8000/login?lang=fr&moved=1");
    let begun = browser.ask(&site, Method::GET, "/login", &[("host", "LOCALHOST:8000")]).await;
    assert!(begun.header("location").starts_with("https://fief.example/authorize?"), "{begun:?}");
    let begun = browser.ask(&site, Method::GET, "/login", &[("host", "localhost:8000")]).await;
    assert!(begun.header("location").starts_with("https://fief.example/authorize?"), "{begun:?}");
    assert!(browser.cookies.keys().all(|name| !name.starts_with("__Host-")), "http: no promise");
}

#[tokio::test]
async fn no_route_of_the_site_keeps_it_from_starting() {
    let upstream = Upstream::new();
    let login = builder(&upstream).build().unwrap();
    let own = pages(&login).route("/login", on_get(async || "own"));
    let late = Router::new()
        .route("/late", on_get(async |user: fief_axum::CurrentUser| user.sub.clone()))
        .with_state(login.clone());
    let site = login.mount(own).merge(late);
    let mut browser = Browser::default();
    assert_eq!(browser.sign_in(&site, &upstream, "/login").await.status, 303);
    assert_eq!(browser.get(&site, "/late").await.body, common::ANNE);
    assert_eq!(browser.get(&site, "/unknown").await.status, 404);
}

#[tokio::test]
async fn what_is_done_at_a_login_comes_before_the_session() {
    let upstream = Upstream::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let seen = Arc::clone(&seen);
        move |user: fief_axum::UserInfo| {
            let seen = Arc::clone(&seen);
            async move {
                let mut seen = seen.lock().unwrap();
                seen.push(user.sub);
                if seen.len() == 1 { Err((http::StatusCode::CONFLICT, "no row")) } else { Ok(()) }
            }
        }
    };
    let site = mounted(builder(&upstream).after_login(hook));
    let mut browser = Browser::default();
    let answer = browser.sign_in(&site, &upstream, "/login").await;
    assert_eq!((answer.status, answer.body.as_str()), (409, "no row"));
    assert_eq!(browser.session(), None);
    assert_eq!(browser.sign_in(&site, &upstream, "/login").await.status, 303);
    assert!(browser.session().is_some());
    assert_eq!(*seen.lock().unwrap(), [common::ANNE, common::ANNE]);
}

#[tokio::test]
async fn the_pages_can_be_replaced() {
    let upstream = Upstream::new();
    let own = |page: &fief_axum::Page| {
        (page.status, format!("{}: {:?}", page.title, page.sign_in)).into_response()
    };
    let site = mounted(builder(&upstream).page(own));
    let answer = Browser::default().get(&site, "/callback?state=x").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body, r#"This sign-in is over: Some("/login?return_to=%2F")"#);
}

#[tokio::test]
async fn a_site_may_accept_bearer_tokens_too() {
    let upstream = Upstream::new();
    let site = mounted(builder(&upstream).accept_bearer_tokens());
    let good = common::mint::access_token(upstream.now(), &serde_json::json!({}));
    assert_eq!(common::send(&site, common::with_token("/user", &good)).await.status, 200);
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    assert_eq!(browser.get(&site, "/user").await.status, 200);
    let only_sessions = self::site(&upstream);
    assert_eq!(common::send(&only_sessions, common::with_token("/user", &good)).await.status, 401);
}

#[test]
fn what_can_not_work_is_refused_at_the_start() {
    let upstream = Upstream::new();
    let build = |builder: fief_axum::WebLoginBuilder| builder.build().map(drop);
    let plain = || builder(&upstream);
    assert!(build(WebLogin::builder(upstream.fief(), "/callback")).is_err());
    assert!(build(WebLogin::builder(upstream.fief(), "ftp://localhost/callback")).is_err());
    assert!(build(plain().login_path("/callback")).is_err());
    assert!(build(plain().login_path("login")).is_err());
    assert!(build(plain().logout_path("/{id}")).is_err());
    assert!(build(plain().after_logout("/")).is_err());
    assert!(build(plain().prefix("/app")).is_err(), "the redirect URI is not under it");
    assert!(build(plain().prefix("app")).is_err());
    let request = "https://www.example.com/application/callback";
    let error = build(WebLogin::builder(upstream.fief(), request).prefix("/app")).unwrap_err();
    assert!(error.to_string().contains("under the prefix"), "{error}");
    for (redirect_uri, prefix) in
        [("https://www.example.com", ""), ("https://www.example.com/app/", "/app")]
    {
        let builder = WebLogin::builder(upstream.fief(), redirect_uri).prefix(prefix);
        assert!(build(builder).is_err(), "its first page would be the callback");
    }
    assert!(build(plain().trust_origin("app.example.com")).is_err());
    assert!(build(plain().idle(std::time::Duration::ZERO)).is_err());
    assert!(build(plain()).is_ok());
    assert!(build(WebLogin::builder(upstream.fief(), offline())).is_ok());
}
